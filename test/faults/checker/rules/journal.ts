/** INV-02, INV-21, INV-25: entries add up to zero, amounts are whole and in range, and each entry is what a block of the chain did. */
import type { Rows } from '../tables.ts';
import type { World } from '../world.ts';
import type { Tell } from '../violation.ts';

const AMOUNT_MAX = 2n ** 256n - 1n;

export function checkJournal(world: World, tell: Tell): void {
  const { db } = world;
  const postings = Map.groupBy(db.journal_postings.values(), (posting) => posting.entry_id);
  const outbox = new Map([...db.chain_outbox.values()].map((row) => [`${row.purpose} ${row.source_id}`, row]));
  for (const entry of db.journal_entries.values()) {
    const lines = postings.get(entry.id) ?? [];
    const perToken = Map.groupBy(lines, (line) => line.token_id);
    for (const [tokenId, some] of perToken) {
      const sum = some.reduce((total, line) => total + line.amount, 0n);
      if (sum !== 0n)
        tell(
          'INV-02',
          `journal_entries ${entry.id}`,
          `Expected postings of token ${tokenId} to add up to 0, got ${sum}.`,
        );
    }
    if (lines.length < 2)
      tell('INV-02', `journal_entries ${entry.id}`, `Expected two postings or more, got ${lines.length}.`);
    checkAgainstChain(world, { entry, lines, row: outbox.get(`${entry.source_kind} ${entry.source_id}`) }, tell);
  }
  for (const id of postings.keys())
    if (!db.journal_entries.has(id))
      tell('INV-02', `journal_postings ${id}`, 'Expected an entry of these postings, got none.');
  checkAmounts(world, tell);
}

interface Entry {
  entry: Rows['journal_entries'];
  lines: readonly Rows['journal_postings'][];
  row: Rows['chain_outbox'] | undefined;
}

function checkAgainstChain({ db, chain }: World, { entry, lines, row }: Entry, tell: Tell): void {
  const subject = `journal_entries ${entry.id}`;
  if (row === undefined)
    return tell(
      'INV-25',
      subject,
      `Expected a signed transaction of ${entry.source_kind} ${entry.source_id}, got none.`,
    );
  const mined = chain.transactions.get(row.hash);
  if (mined === undefined || !mined.isSuccess)
    return tell(
      'INV-25',
      subject,
      `Expected transaction ${row.hash} to have succeeded on the chain; ${mined === undefined ? 'it is not there' : 'it failed'}.`,
    );
  if (BigInt(mined.block) !== entry.block_number)
    tell('INV-25', subject, `Expected block ${mined.block}, where its transaction is, got ${entry.block_number}.`);
  const { effect } = mined;
  const address = (walletId: string | null): string | null =>
    walletId === null ? null : (db.wallets.get(walletId)?.address ?? 'nobody');
  const from = lines.find((line) => line.amount < 0n);
  const to = lines.find((line) => line.amount > 0n);
  const isSame =
    effect.kind === 'token' &&
    lines.length === 2 &&
    from !== undefined &&
    to !== undefined &&
    address(from.wallet_id) === effect.from &&
    address(to.wallet_id) === effect.to &&
    to.amount === effect.amount &&
    db.tokens.get(to.token_id)?.contract === effect.contract;
  if (!isSame) tell('INV-25', subject, `Expected the postings to say what ${row.hash} did: ${describe(effect)}.`);
}

function checkAmounts({ db }: World, tell: Tell): void {
  const inRange = (what: string, id: string, amount: bigint): void => {
    if (amount <= 0n || amount > AMOUNT_MAX)
      tell('INV-21', `${what} ${id}`, `Expected an amount from 1 to 2^256 − 1, got ${amount}.`);
  };
  for (const row of db.transfers.values()) inRange('transfers', row.id, row.amount);
  for (const row of db.charges.values()) inRange('charges', row.id, row.amount);
  for (const row of db.gas_grants.values()) inRange('gas_grants', row.id, row.amount);
  for (const row of db.journal_postings.values())
    inRange('journal_postings', row.entry_id, row.amount < 0n ? -row.amount : row.amount);
}

const describe = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each));
