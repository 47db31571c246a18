/** Writes bytes on the chain that move nothing: the anchors of the audit log. Signed by the treasury, sent like everything else. */
import { AppError, audit, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import { costOf, signAndStore, type OutboxDeps } from './outbox.ts';
import * as outboxRows from './store/outbox.ts';
import * as walletRows from './store/wallets.ts';

/**
 * Signs and stores the anchor of a checkpoint, once for each `anchorId`; false where that has been done. Throws 'service-busy'
 * where the treasury cannot pay for it or nothing may be signed: then the transaction must roll back. Poke 'submit' after the commit.
 */
export async function sendAnchor(
  deps: OutboxDeps,
  trx: Trx,
  input: { anchorId: string; checkpoint: bigint; text: string },
): Promise<boolean> {
  const { walletId, address, signer } = platformSigner(deps, 'treasury');
  const wallet = await walletRows.lockWallet(trx, walletId);
  // A statement of its own: it sees what the last holder of the lock has committed.
  if (await outboxRows.hasAnchor(trx, input.anchorId)) return false;
  const intent = { kind: 'note', to: address, data: Buffer.from(input.text, 'utf8') } as const;
  if (costOf(deps, intent) > wallet.gas_available)
    throw new AppError('service-busy', {
      cause: new Error('The treasury has no coin left for an anchor. Fill it up.'),
    });
  const { hash } = await signAndStore(deps, trx, {
    ...{ wallet, signer, intent },
    ...{ purpose: 'anchor', sourceId: input.anchorId, waitsFor: null },
  });
  await audit(deps, trx, {
    actor: 'job:checkpoint-audit',
    act: 'anchor.sent',
    subject: input.anchorId,
    facts: { checkpoint: input.checkpoint, hash },
  });
  return true;
}
