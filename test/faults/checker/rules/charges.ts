/** INV-19: a deposit is credited once, for as much as the bank told, and nothing is credited without one. */
import type { World } from '../world.ts';
import type { Tell } from '../violation.ts';

export function checkCharges({ db }: World, tell: Tell): void {
  const refs = new Map<string, string>();
  const notices = new Map<string, bigint>();
  for (const notice of db.bank_notices.values()) {
    const ref = `${notice.provider} ${notice.bank_ref}`;
    const other = refs.get(ref);
    if (other !== undefined)
      tell('INV-19', `bank_notices ${notice.id}`, `Expected one notice of ${ref}, got ${other} too.`);
    refs.set(ref, notice.id);
    if (notice.charge_id === null) continue;
    if (notices.has(notice.charge_id))
      tell('INV-19', `charges ${notice.charge_id}`, 'Expected one deposit of a charge, got two.');
    notices.set(notice.charge_id, notice.amount_won);
  }
  const live = Map.groupBy(
    [...db.transfers.values()].filter(
      ({ charge_id: id, state }) => id !== null && (state === 'accepted' || state === 'final'),
    ),
    (transfer) => transfer.charge_id!,
  );
  for (const charge of db.charges.values()) {
    const subject = `charges ${charge.id}`;
    const sent = live.get(charge.id) ?? [];
    if (sent.length > 1)
      tell('INV-19', subject, `Expected one transfer of its tokens, got ${sent.map(({ id }) => id).join(', ')}.`);
    const isPaid = charge.state === 'paid' || charge.state === 'done';
    const won = notices.get(charge.id);
    if (isPaid && won !== charge.amount_won)
      tell('INV-19', subject, `Expected a deposit of ${charge.amount_won} won, got ${won ?? 'none'}.`);
    if (sent.length > 0 && !isPaid)
      tell('INV-19', subject, `Expected no tokens before the deposit, got ${sent[0]!.id} while it is ${charge.state}.`);
    if (charge.state === 'done' && sent[0]?.state !== 'final')
      tell('INV-19', subject, 'Expected its tokens to have arrived, as it is done.');
    for (const transfer of sent)
      if (
        transfer.amount !== charge.amount ||
        transfer.payee_wallet_id !== charge.wallet_id ||
        transfer.token_id !== charge.token_id
      )
        tell(
          'INV-19',
          subject,
          `Expected ${charge.amount} to wallet ${charge.wallet_id}, got ${transfer.amount} to ${transfer.payee_wallet_id}.`,
        );
    const token = db.tokens.get(charge.token_id);
    if (
      token?.won_per_token != null &&
      charge.amount * token.won_per_token !== charge.amount_won * 10n ** token.decimals
    )
      tell('INV-19', subject, `Expected tokens for ${charge.amount_won} won, got ${charge.amount} base units.`);
  }
}
