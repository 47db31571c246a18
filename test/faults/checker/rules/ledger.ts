/** INV-03, INV-08: the ledger is what the chain holds, but for what is under way; available and held are what the ledger holds. */
import { isUnderWay, sums, type World } from '../world.ts';
import type { Tell } from '../violation.ts';

export function checkLedger(world: World, tell: Tell): void {
  const { db, chain, foreign } = world;
  const ledger = sums(
    db.journal_postings.values(),
    (posting) => (posting.wallet_id === null ? null : `${posting.wallet_id} ${posting.token_id}`),
    (posting) => posting.amount,
  );
  checkBalances(world, ledger, tell);

  // What the chain has done and the database has not posted yet, by `contract address`.
  const ahead = new Map<string, bigint>();
  const note = (key: string, amount: bigint): void => void ahead.set(key, (ahead.get(key) ?? 0n) + amount);
  for (const { hash, isSuccess, effect } of chain.transactions.values()) {
    if (!isSuccess || effect.kind !== 'token') continue;
    if (!foreign.has(hash) && !isUnderWay(world, hash)) continue;
    if (effect.from !== null) note(`${effect.contract} ${effect.from}`, -effect.amount);
    if (effect.to !== null) note(`${effect.contract} ${effect.to}`, effect.amount);
  }
  for (const token of db.tokens.values()) {
    if (token.contract === null) continue;
    const holders = chain.tokens.get(token.contract);
    for (const wallet of db.wallets.values()) {
      if (wallet.address === null) continue;
      const onChain = holders?.get(wallet.address) ?? 0n;
      const posted = ledger.get(`${wallet.id} ${token.id}`) ?? 0n;
      const open = ahead.get(`${token.contract} ${wallet.address}`) ?? 0n;
      if (posted + open !== onChain)
        tell(
          'INV-03',
          `wallets ${wallet.id}`,
          `Expected ${onChain} ${token.symbol} in the ledger as on the chain at block ${chain.height}, got ${posted} and ${open} under way.`,
        );
    }
  }
}

function checkBalances({ db }: World, ledger: ReadonlyMap<string, bigint>, tell: Tell): void {
  const holds = sums(
    [...db.transfers.values()].filter(({ state }) => state === 'accepted'),
    (transfer) => `${transfer.payer_wallet_id} ${transfer.token_id}`,
    (transfer) => transfer.amount,
  );
  for (const operation of db.token_operations.values()) {
    if (operation.kind !== 'burn' || operation.state !== 'accepted') continue;
    const reserve = [...db.wallets.values()].find(({ kind }) => kind === 'reserve');
    const key = `${reserve?.id} ${operation.token_id}`;
    holds.set(key, (holds.get(key) ?? 0n) + operation.amount);
  }
  for (const { wallet_id: walletId, token_id: tokenId, available, held } of db.balances.values()) {
    const key = `${walletId} ${tokenId}`;
    const subject = `balances ${key}`;
    if (available < 0n) tell('INV-08', subject, `Expected available of zero or more, got ${available}.`);
    if (held !== (holds.get(key) ?? 0n))
      tell('INV-08', subject, `Expected held of ${holds.get(key) ?? 0n}, the sum of what is accepted, got ${held}.`);
    if (available + held !== (ledger.get(key) ?? 0n))
      tell(
        'INV-08',
        subject,
        `Expected available and held of ${ledger.get(key) ?? 0n} together, as the ledger has, got ${available + held}.`,
      );
  }
  for (const [key, amount] of [...ledger, ...holds])
    if (amount !== 0n && !db.balances.has(key))
      tell('INV-08', `balances ${key}`, `Expected a balance of ${amount}, got no row.`);
}
