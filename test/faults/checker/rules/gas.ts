/** INV-10: gas is granted within budgets, once for what needs it, and the coin of members does not leave them. */
import { sums, type World } from '../world.ts';
import type { Tell } from '../violation.ts';

/** Of one UTC day, in the chain's smallest coin. */
export interface GasBudgets {
  readonly member: bigint;
  readonly all: bigint;
}

export function checkGas(world: World, budgets: GasBudgets | null, tell: Tell): void {
  const { db, chain, signed, foreign } = world;
  const treasury = [...db.wallets.values()].find(({ kind }) => kind === 'treasury');
  const grants = [...db.gas_grants.values()];
  const forSource = new Map<string, string>();
  for (const grant of grants) {
    if (grant.for_source === null) continue;
    const other = forSource.get(grant.for_source);
    if (other !== undefined)
      tell('INV-10', `gas_grants ${grant.id}`, `Expected one grant for ${grant.for_source}, got ${other} too.`);
    forSource.set(grant.for_source, grant.id);
  }
  const perWallet = sums(
    grants,
    (grant) => `${grant.wallet_id} ${grant.on_day}`,
    (grant) => grant.amount,
  );
  const perDay = sums(
    grants,
    (grant) => grant.on_day,
    (grant) => grant.amount,
  );
  const reserved = (walletId: string | undefined, day: string): bigint =>
    db.gas_grant_days.get(`${walletId} ${day}`)?.granted ?? 0n;
  for (const [key, amount] of perWallet) {
    const [walletId, day] = key.split(' ') as [string, string];
    if (reserved(walletId, day) < amount)
      tell(
        'INV-10',
        `wallets ${walletId}`,
        `Expected ${amount} to be reserved of the budget of ${day}, got ${reserved(walletId, day)}.`,
      );
    if (budgets !== null && db.wallets.get(walletId)?.kind === 'member' && amount > budgets.member)
      tell('INV-10', `wallets ${walletId}`, `Expected grants of ${budgets.member} at most on ${day}, got ${amount}.`);
  }
  for (const [day, amount] of perDay) {
    if (reserved(treasury?.id, day) < amount)
      tell(
        'INV-10',
        `gas_grant_days ${day}`,
        `Expected ${amount} to be reserved of the budget of all, got ${reserved(treasury?.id, day)}.`,
      );
    if (budgets !== null && amount > budgets.all)
      tell('INV-10', `gas_grant_days ${day}`, `Expected grants of ${budgets.all} at most together, got ${amount}.`);
  }
  const members = new Set(
    [...db.wallets.values()].filter(({ kind }) => kind === 'member').map(({ address }) => address),
  );
  for (const { hash, from, effect } of chain.transactions.values()) {
    if (effect.kind !== 'coin' || effect.amount === 0n || foreign.has(hash)) continue;
    if (members.has(from))
      tell(
        'INV-10',
        hash,
        `Expected no coin to leave the member's wallet ${from}, got ${effect.amount} to ${effect.to}.`,
      );
    if (from === treasury?.address && signed.get(hash)?.row.purpose !== 'gas_grant')
      tell(
        'INV-10',
        hash,
        `Expected coin of the treasury to leave by grants only, got ${effect.amount} to ${effect.to}.`,
      );
  }
}
