/** INV-06, INV-25: a row ends only as the chain says, and what it stands for ends with it. */
import { isEnd, type Rows } from '../tables.ts';
import { minedAt, type World } from '../world.ts';
import type { Tell } from '../violation.ts';

/** What stands for nothing but itself: a checkpoint's anchor, and what recovery found of a key that was used elsewhere. */
const SOURCELESS = new Set(['anchor', 'recovered']);

export function checkEnds(world: World, tell: Tell): void {
  const { db } = world;
  const sources = new Map<string, string>();
  for (const row of db.transfers.values()) sources.set(`transfer ${row.id}`, row.state);
  for (const row of db.gas_grants.values()) sources.set(`gas_grant ${row.id}`, row.state);
  for (const row of db.token_operations.values()) sources.set(`token_operation ${row.id}`, row.state);
  for (const row of db.chain_outbox.values()) {
    checkEnd(world, row, tell);
    if (SOURCELESS.has(row.purpose)) continue;
    const source = `${row.purpose} ${row.source_id}`;
    const state = sources.get(source);
    sources.delete(source);
    const expected = isEnd(row.state) ? row.state : 'accepted';
    if (state !== expected)
      tell(
        'INV-06',
        source,
        `Expected ${expected}, as its signed transaction is ${row.state}, got ${state ?? 'no row'}.`,
      );
  }
  for (const [source, state] of sources)
    tell('INV-06', source, `Expected a signed transaction for what is ${state}, got none.`);
  checkPosted(world, tell);
}

function checkEnd(world: World, row: Rows['chain_outbox'], tell: Tell): void {
  if (!isEnd(row.state)) return;
  const subject = `chain_outbox ${row.id}`;
  const mined = world.chain.transactions.get(row.hash);
  if (row.state === 'superseded') {
    if (mined !== undefined)
      return tell(
        'INV-06',
        subject,
        `Expected superseded bytes to be on no chain; ${row.hash} is in block ${mined.block}.`,
      );
    const address = world.db.wallets.get(row.wallet_id)?.address ?? null;
    if (minedAt(world, address, row.nonce) === undefined)
      tell('INV-06', subject, `Expected another transaction with nonce ${row.nonce} on the chain, got none.`);
    return;
  }
  if (mined === undefined)
    return tell(
      row.state === 'final' ? 'INV-25' : 'INV-06',
      subject,
      `Expected ${row.hash} on the chain, as the row is ${row.state}; it is not there.`,
    );
  if (mined.isSuccess !== (row.state === 'final'))
    tell('INV-06', subject, `Expected ${mined.isSuccess ? 'final' : 'reverted'}, as the chain says, got ${row.state}.`);
  if (BigInt(mined.block) !== row.block_number || mined.blockHash !== row.block_hash)
    tell(
      'INV-25',
      subject,
      `Expected block ${mined.block} ${mined.blockHash}, got ${row.block_number} ${row.block_hash}.`,
    );
  if (mined.fee !== row.fee)
    tell('INV-25', subject, `Expected the fee ${mined.fee} that the chain took, got ${row.fee}.`);
}

/** Every final transfer is in the journal, once, and nothing else is. */
function checkPosted({ db }: World, tell: Tell): void {
  const posted = Map.groupBy(db.journal_entries.values(), (entry) => `${entry.source_kind} ${entry.source_id}`);
  for (const { id, state } of db.transfers.values()) {
    const count = posted.get(`transfer ${id}`)?.length ?? 0;
    const expected = state === 'final' ? 1 : 0;
    if (count !== expected)
      tell(
        'INV-06',
        `transfer ${id}`,
        `Expected ${expected} journal entries of a transfer that is ${state}, got ${count}.`,
      );
  }
}
