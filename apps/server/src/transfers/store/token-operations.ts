/** Statements over token operations, and over the facts of a token that only their end on the chain changes. */
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import type { EndState, SourceState } from '../transfer.ts';
import { one } from './rows.ts';

export async function endTokenOperation(
  trx: Trx,
  input: { id: string; state: EndState; at: Date },
): Promise<{ id: string; token_id: string; kind: 'create' | 'mint' | 'burn' | 'pause' | 'unpause'; amount: bigint }> {
  return await one(
    sql<{ id: string; token_id: string; kind: 'create' | 'mint' | 'burn' | 'pause' | 'unpause'; amount: bigint }>`
      update token_operations set state = ${input.state}, final_at = ${input.at}
      where id = ${input.id} and state = 'accepted' returning id, token_id, kind, amount
    `.execute(trx),
    `an accepted token operation ${input.id}`,
  );
}

export async function activateToken(trx: Trx, input: { tokenId: string; contract: string }): Promise<void> {
  await sql`
    update tokens set state = 'active', contract = ${input.contract} where id = ${input.tokenId} and state = 'creating'
  `.execute(trx);
}

export async function setTokenState(
  trx: Trx,
  input: { tokenId: string; state: 'active' | 'paused' | 'failed' },
): Promise<void> {
  await sql`update tokens set state = ${input.state} where id = ${input.tokenId}`.execute(trx);
}

export async function hasToken(trx: Trx): Promise<boolean> {
  const { rows } = await sql`select from tokens limit 1`.execute(trx);
  return rows.length > 0;
}

/** One process at a time looks whether there is a token. The number is this lock's name. */
export async function lockSeed(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7_162_001)`.execute(trx);
}

export async function insertTokenOperation(
  trx: Trx,
  operation: {
    id: string;
    tokenId: string;
    kind: string;
    amount: bigint;
    reason: string;
    actor: string;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into token_operations (id, token_id, kind, amount, reason, actor, state, requested_at)
    values (${operation.id}, ${operation.tokenId}, ${operation.kind}, ${operation.amount}, ${operation.reason},
            ${operation.actor}, 'accepted', ${operation.now})
  `.execute(trx);
}

export interface OperationRow {
  id: string;
  kind: 'create' | 'mint' | 'burn' | 'pause' | 'unpause';
  state: SourceState;
  requested_at: Date;
  symbol: string;
  hash: Buffer | null;
  is_unknown: boolean | null;
}

export async function operationOf(db: Db, operationId: string): Promise<OperationRow | undefined> {
  const { rows } = await sql<OperationRow>`
    select p.id, p.kind, p.state, p.requested_at, k.symbol, o.hash, o.is_unknown
    from token_operations p join tokens k on k.id = p.token_id
    left join chain_outbox o on o.purpose = 'token_operation' and o.source_id = p.id
    where p.id = ${operationId}
  `.execute(db);
  return rows[0];
}

/** What the ledger knows of a token: its creator is the reserve, its supply what was issued and not burned. */
export async function tokenFacts(
  db: Db,
  tokenId: string,
): Promise<{ creator: string | null; supply: bigint; create_hash: Buffer | null }> {
  return await one(
    sql<{ creator: string | null; supply: bigint; create_hash: Buffer | null }>`
      select w.address as creator, o.hash as create_hash,
        coalesce((select -sum(i.amount) from journal_postings i join journal_entries e on e.id = i.entry_id
                  where i.wallet_id is null and i.token_id = ${tokenId} and e.source_kind = 'token_operation'), 0) as supply
      from token_operations p
      left join chain_outbox o on o.purpose = 'token_operation' and o.source_id = p.id
      left join wallets w on w.id = o.wallet_id
      where p.token_id = ${tokenId} and p.kind = 'create'
    `.execute(db),
    'the creation of a token',
  );
}
