/** INV-11: once the freeze of a wallet has committed, no payment of it is accepted. Both take the wallet's lock, so commits tell the order. */
import type { World } from '../world.ts';
import type { Tell } from '../violation.ts';

export function checkFreezes({ db }: World, tell: Tell): void {
  for (const stop of db.outflow_stops.values()) {
    // Of a freeze that was lifted the row no longer tells when it began.
    if (stop.scope !== 'wallet' || stop.lifted_at !== null || stop.committed_at === null) continue;
    const frozenAt = stop.committed_at;
    for (const { route, key, committed_at: acceptedAt } of db.idempotency_keys.values()) {
      if (route !== 'requestTransfer' || db.transfers.get(key)?.payer_wallet_id !== stop.wallet_id) continue;
      // The same format, zone and length: text has the order of time.
      if (acceptedAt !== null && acceptedAt > frozenAt)
        tell(
          'INV-11',
          `transfer ${key}`,
          `Expected nothing to be signed for wallet ${stop.wallet_id} after ${frozenAt}, got a payment at ${acceptedAt}.`,
        );
    }
  }
}
