/** Statements of recovery: rows that were lost with a database, written again from the chain. */
import type { TransactionOutcome } from '@jigeum/chain';
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import { bytes } from './rows.ts';

export interface OutboxByHash {
  id: string;
  is_open: boolean;
  /** The hash is that of its recorded cancel. */
  is_cancel: boolean;
}

export async function outboxByHash(db: Db, hash: Uint8Array): Promise<OutboxByHash | undefined> {
  const { rows } = await sql<OutboxByHash>`
    select id, state in ('gas_wait', 'signed', 'broadcast') as is_open, false as is_cancel
    from chain_outbox where hash = ${bytes(hash)}
    union all
    select o.id, o.state in ('gas_wait', 'signed', 'broadcast'), true
    from chain_cancels c join chain_outbox o on o.id = c.outbox_id where c.hash = ${bytes(hash)}
  `.execute(db);
  return rows[0];
}

/** The row that has not ended and holds this nonce of the wallet at an address. */
export async function openAtNonce(db: Db, address: string, nonce: number): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select o.id from chain_outbox o join wallets w on w.id = o.wallet_id
    where w.address = ${address} and o.nonce = ${nonce} and o.state in ('gas_wait', 'signed', 'broadcast')
  `.execute(db);
  return rows[0]?.id;
}

export async function letGo(db: Db, outboxId: string): Promise<void> {
  await sql`update chain_outbox set state = 'signed' where id = ${outboxId} and state = 'gas_wait'`.execute(db);
}

export async function walletsAt(
  db: Db,
  addresses: readonly string[],
): Promise<Map<string, { id: string; kind: 'member' | 'treasury' | 'reserve' }>> {
  const { rows } = await sql<{ id: string; kind: 'member' | 'treasury' | 'reserve'; address: string }>`
    select id, kind, address from wallets where address = any(${[...addresses]}::text[]) and state = 'ready'
  `.execute(db);
  return new Map(rows.map((row) => [row.address, row]));
}

export async function tokensAt(
  db: Db,
  contracts: readonly string[],
): Promise<Map<string, { id: string; symbol: string }>> {
  const { rows } = await sql<{ id: string; symbol: string; contract: string }>`
    select id, symbol, contract from tokens where contract = any(${[...contracts]}::text[])
  `.execute(db);
  return new Map(rows.map((row) => [row.contract, row]));
}

/** The nonce is used, and what coin the wallet has only the chain knows; the treasury's is compared at the end. */
export async function moveNonce(trx: Trx, input: { walletId: string; nonce: number }): Promise<void> {
  await sql`
    update wallets set next_nonce = greatest(next_nonce, ${input.nonce + 1}::bigint),
                       gas_unsure = gas_unsure or kind <> 'treasury', needs_gas = needs_gas or kind <> 'treasury'
    where id = ${input.walletId}
  `.execute(trx);
}

/** A row with bytes that were read from the chain. With no source there is nothing to post, so it is ended at once. */
export async function insertRecovered(
  trx: Trx,
  row: {
    id: string;
    purpose: 'transfer' | 'gas_grant' | 'token_operation' | 'recovered';
    sourceId: string;
    walletId: string;
    nonce: number;
    raw: Uint8Array;
    hash: Uint8Array;
    outcome: Extract<TransactionOutcome, { kind: 'final' }>;
    at: Date;
    now: Date;
  },
): Promise<void> {
  const { outcome } = row;
  const isEnded = row.purpose === 'recovered';
  await sql`
    insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, state, attempts, is_recovered,
                              next_attempt_at, created_at, block_number, block_hash, error_code, fee, final_at)
    values (${row.id}, ${row.purpose}, ${row.sourceId}, ${row.walletId}, ${row.nonce}, ${bytes(row.raw)}, ${bytes(row.hash)},
            ${outcome.fee}, ${isEnded ? (outcome.isSuccess ? 'final' : 'reverted') : 'broadcast'}, 1, true, ${row.now}, ${row.at},
            ${isEnded ? outcome.blockNumber : null}, ${isEnded ? outcome.blockHash : null},
            ${isEnded ? outcome.errorCode : null}, ${isEnded ? outcome.fee : null}, ${isEnded ? row.now : null})
  `.execute(trx);
}

export async function insertTransfer(
  trx: Trx,
  transfer: {
    id: string;
    kind: 'payment' | 'charge';
    walletId: string;
    payeeWalletId: string;
    tokenId: string;
    amount: bigint;
    chargeId: string | null;
    at: Date;
  },
): Promise<void> {
  await sql`
    insert into transfers (id, kind, payer_wallet_id, payee_wallet_id, token_id, amount, charge_id, state, requested_at, is_recovered)
    values (${transfer.id}, ${transfer.kind}, ${transfer.walletId}, ${transfer.payeeWalletId}, ${transfer.tokenId},
            ${transfer.amount}, ${transfer.chargeId}, 'accepted', ${transfer.at}, true)
  `.execute(trx);
}

/** A grant that was made, with its part of that day's budget. Its reason is lost: a refill has no source. */
export async function insertGrant(
  trx: Trx,
  grant: { id: string; walletId: string; amount: bigint; at: Date },
): Promise<void> {
  await sql`
    insert into gas_grants (id, wallet_id, reason, amount, state, requested_at)
    values (${grant.id}, ${grant.walletId}, 'refill', ${grant.amount}, 'accepted', ${grant.at})
  `.execute(trx);
  await sql`
    insert into gas_grant_days as d (wallet_id, on_day, granted, grants)
    select each.id, ${grant.at.toISOString().slice(0, 10)}::date, ${grant.amount}, 1
    from (select id from wallets where id = ${grant.walletId} or kind = 'treasury'
          and chain_id = (select chain_id from wallets where id = ${grant.walletId}) order by id) each
    on conflict (wallet_id, on_day) do update set granted = d.granted + excluded.granted, grants = d.grants + 1
  `.execute(trx);
  await sql`update wallets set gas_unsure = true, needs_gas = true where id = ${grant.walletId}`.execute(trx);
}

export async function insertOperation(
  trx: Trx,
  operation: {
    id: string;
    tokenId: string;
    kind: 'create' | 'mint' | 'burn' | 'pause' | 'unpause';
    amount: bigint;
    at: Date;
  },
): Promise<void> {
  await sql`
    insert into token_operations (id, token_id, kind, amount, reason, actor, state, requested_at)
    values (${operation.id}, ${operation.tokenId}, ${operation.kind}, ${operation.amount}, 'recovered from the chain',
            'recovery', 'accepted', ${operation.at})
  `.execute(trx);
}

/** The chain knows no decimals and no price: 18 and none, as a creation has them unless it is told otherwise. Null where the symbol is taken. */
export async function insertToken(
  trx: Trx,
  token: { id: string; name: string; symbol: string; at: Date },
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into tokens (id, symbol, name, decimals, chain_id, state, created_at)
    select ${token.id}, ${token.symbol}, ${token.name}, 18, w.chain_id, 'creating', ${token.at} from wallets w where w.kind = 'reserve' limit 1
    on conflict (symbol) do nothing returning id
  `.execute(trx);
  return rows[0]?.id ?? null;
}
