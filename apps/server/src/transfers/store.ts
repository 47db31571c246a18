/** Every statement over the tables of this module, and the nonce and gas columns of `wallets`. The only place with snake_case. */
import type { TransactionOutcome } from '@jigeum/chain';
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import type { OutboxState, SourceState } from './transfer.ts';

const bytes = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.length);

async function one<T>(query: Promise<{ rows: T[] }>, what: string): Promise<T> {
  const row = (await query).rows[0];
  if (row === undefined) throw new Error(`Expected ${what}, got no row.`);
  return row;
}

// Wallets: nonce and gas ------------------------------------------------------------------------------------------

export interface LockedWallet {
  id: string;
  kind: 'member' | 'treasury' | 'reserve';
  member_id: string | null;
  address: string;
  next_nonce: bigint;
  gas_available: bigint;
}

/**
 * Locks a ready wallet until the transaction ends. `no key update` and not `update`: rows that refer to the wallet may be
 * written meanwhile. Order of locks everywhere: the wallet that gets something, then the treasury, then balances by
 * wallet id. Throws where the wallet is not ready.
 */
export async function lockWallet(trx: Trx, walletId: string): Promise<LockedWallet> {
  return await one(
    sql<LockedWallet>`
      select id, kind, member_id, address, next_nonce, gas_available from wallets
      where id = ${walletId} and state = 'ready' for no key update
    `.execute(trx),
    `a ready wallet ${walletId}`,
  );
}

/** Undefined where somebody else holds it or it needs nothing any more. */
export async function lockWalletNeedingGas(trx: Trx, walletId: string): Promise<LockedWallet | undefined> {
  const { rows } = await sql<LockedWallet>`
    select id, kind, member_id, address, next_nonce, gas_available from wallets
    where id = ${walletId} and state = 'ready' and needs_gas for no key update skip locked
  `.execute(trx);
  return rows[0];
}

export async function takeNonce(
  trx: Trx,
  input: { walletId: string; nonce: bigint; gasAvailable: bigint; needsGas: boolean },
): Promise<void> {
  await one(
    sql`
      update wallets set next_nonce = next_nonce + 1, gas_available = ${input.gasAvailable},
                         needs_gas = needs_gas or ${input.needsGas}
      where id = ${input.walletId} and next_nonce = ${input.nonce} returning id
    `.execute(trx),
    'the nonce that was read under the lock',
  );
}

export async function addGas(trx: Trx, input: { walletId: string; amount: bigint }): Promise<void> {
  await sql`
    update wallets set gas_available = gas_available + ${input.amount} where id = ${input.walletId}
  `.execute(trx);
}

export async function gasAvailable(db: Db, walletId: string): Promise<bigint> {
  const row = await one(
    sql<{ gas_available: bigint }>`select gas_available from wallets where id = ${walletId}`.execute(db),
    `a wallet ${walletId}`,
  );
  return row.gas_available;
}

export async function walletsNeedingGas(db: Db, input: { chainId: number; limit: number }): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from wallets
    where needs_gas and state = 'ready' and chain_id = ${input.chainId} and kind <> 'treasury'
    order by id limit ${input.limit}
  `.execute(db);
  return rows.map((row) => row.id);
}

export async function clearNeedsGas(trx: Trx, walletId: string): Promise<void> {
  await sql`update wallets set needs_gas = false where id = ${walletId} and needs_gas`.execute(trx);
}

export async function askForGas(db: Db, walletId: string): Promise<void> {
  await sql`update wallets set needs_gas = true where id = ${walletId} and kind <> 'treasury'`.execute(db);
}

/** Sets the gas of a platform wallet to what the chain says. False where something of it is under way. */
export async function correctGas(trx: Trx, input: { walletId: string; nonce: number; gas: bigint }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update wallets w set gas_available = ${input.gas}
    where w.id = ${input.walletId} and w.next_nonce = ${input.nonce}
      and not exists (select from chain_outbox o
                      where o.wallet_id = w.id and o.state in ('gas_wait', 'signed', 'broadcast'))
      and not exists (select from gas_grants g where g.wallet_id = w.id and g.state = 'accepted')
  `.execute(trx);
  return numAffectedRows === 1n;
}

// Gas grants ------------------------------------------------------------------------------------------------------

/** Takes `amount` from a wallet's budget of a day. False, and nothing taken, where less is left. */
export async function reserveBudget(
  trx: Trx,
  input: { walletId: string; onDay: string; amount: bigint; max: bigint },
): Promise<boolean> {
  if (input.amount > input.max) return false;
  const { rows } = await sql`
    insert into gas_grant_days as d (wallet_id, on_day, granted)
    values (${input.walletId}, ${input.onDay}, ${input.amount})
    on conflict (wallet_id, on_day) do update set granted = d.granted + excluded.granted
      where d.granted + excluded.granted <= ${input.max}
    returning d.wallet_id
  `.execute(trx);
  return rows.length === 1;
}

export async function insertGrant(
  trx: Trx,
  grant: {
    id: string;
    walletId: string;
    reason: 'prefund' | 'refill' | 'shortfall';
    forSource: string | null;
    amount: bigint;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into gas_grants (id, wallet_id, reason, for_source, amount, state, requested_at)
    values (${grant.id}, ${grant.walletId}, ${grant.reason}, ${grant.forSource}, ${grant.amount}, 'accepted', ${grant.now})
  `.execute(trx);
}

export async function hasOpenGrant(trx: Trx, walletId: string): Promise<boolean> {
  const { rows } = await sql`
    select from gas_grants where wallet_id = ${walletId} and state = 'accepted' and reason <> 'shortfall'
  `.execute(trx);
  return rows.length > 0;
}

export async function hasPrefund(trx: Trx, walletId: string): Promise<boolean> {
  const { rows } = await sql`select from gas_grants where wallet_id = ${walletId} and reason = 'prefund'`.execute(trx);
  return rows.length > 0;
}

export async function endGrant(
  trx: Trx,
  input: { id: string; state: 'final' | 'reverted'; at: Date },
): Promise<{ wallet_id: string; reason: string; amount: bigint }> {
  return await one(
    sql<{ wallet_id: string; reason: string; amount: bigint }>`
      update gas_grants set state = ${input.state}, final_at = ${input.at}
      where id = ${input.id} and state = 'accepted' returning wallet_id, reason, amount
    `.execute(trx),
    `an open gas grant ${input.id}`,
  );
}

// Chain outbox ----------------------------------------------------------------------------------------------------

export type OutboxPurpose = 'transfer' | 'gas_grant' | 'token_operation';

export async function insertOutbox(
  trx: Trx,
  row: {
    id: string;
    purpose: OutboxPurpose;
    sourceId: string;
    walletId: string;
    nonce: bigint;
    raw: Uint8Array;
    hash: Uint8Array;
    feeMax: bigint;
    waitsFor: string | null;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, state, waits_for,
                              next_attempt_at, created_at)
    values (${row.id}, ${row.purpose}, ${row.sourceId}, ${row.walletId}, ${row.nonce}, ${bytes(row.raw)},
            ${bytes(row.hash)}, ${row.feeMax}, ${row.waitsFor === null ? 'signed' : 'gas_wait'}, ${row.waitsFor},
            ${row.now}, ${row.now})
  `.execute(trx);
}

export interface DueRow {
  id: string;
  wallet_id: string;
  nonce: bigint;
  raw: Buffer;
  hash: Buffer;
  state: OutboxState;
  is_unknown: boolean;
  attempts: number;
}

/** Takes rows that are due, in the order of wallet and nonce, counts the attempt, and leaves them to the caller until `leaseUntil`. */
export async function claimDue(
  db: Db,
  input: { chainId: number; now: Date; leaseUntil: Date; limit: number },
): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    update chain_outbox o set attempts = o.attempts + 1, next_attempt_at = ${input.leaseUntil}
    from (
      select d.id from chain_outbox d join wallets w on w.id = d.wallet_id
      where d.state in ('signed', 'broadcast') and d.next_attempt_at <= ${input.now} and w.chain_id = ${input.chainId}
      order by d.wallet_id, d.nonce limit ${input.limit} for update of d skip locked
    ) due
    where o.id = due.id
    returning o.id, o.wallet_id, o.nonce, o.raw, o.hash, o.state, o.is_unknown, o.attempts
  `.execute(db);
  return rows;
}

/** Leaves a row alone that has ended meanwhile. */
export async function recordAttempt(
  db: Db,
  input: { id: string; state: OutboxState; isUnknown: boolean; problem: string | null; nextAttemptAt: Date },
): Promise<void> {
  await sql`
    update chain_outbox
    set state = ${input.state}, is_unknown = ${input.isUnknown}, last_problem = ${input.problem},
        next_attempt_at = ${input.nextAttemptAt}
    where id = ${input.id} and state in ('signed', 'broadcast')
  `.execute(db);
}

/** For rows that were claimed and not sent: the attempt did not happen. */
export async function giveBack(db: Db, input: { ids: readonly string[]; at: Date }): Promise<void> {
  if (input.ids.length === 0) return;
  await sql`
    update chain_outbox set next_attempt_at = ${input.at}, attempts = attempts - 1
    where id = any(${[...input.ids]}::uuid[]) and state in ('signed', 'broadcast')
  `.execute(db);
}

export async function makeDue(db: Db, input: { id: string; at: Date }): Promise<void> {
  // It may cut a lease short: then the same bytes are sent twice, which the chain takes as once.
  await sql`
    update chain_outbox set next_attempt_at = least(next_attempt_at, ${input.at}::timestamptz)
    where id = ${input.id} and state = 'broadcast'
  `.execute(db);
}

export async function markKnown(db: Db, input: { id: string; state: OutboxState }): Promise<void> {
  await sql`
    update chain_outbox set state = ${input.state}, is_unknown = false
    where id = ${input.id} and state in ('signed', 'broadcast')
  `.execute(db);
}

export async function hasInFlight(db: Db, chainId: number): Promise<boolean> {
  const { rows } = await sql`
    select from chain_outbox o join wallets w on w.id = o.wallet_id
    where o.state in ('signed', 'broadcast') and w.chain_id = ${chainId} limit 1
  `.execute(db);
  return rows.length > 0;
}

export interface InFlightRow {
  id: string;
  wallet_id: string;
  nonce: bigint;
  hash: Buffer;
  state: OutboxState;
  is_unknown: boolean;
}

/** Rows that may be on the chain: those that were sent at least once, as far as anybody knows. */
export async function inFlight(
  db: Db,
  input: { chainId: number; after: { walletId: string; nonce: bigint } | null; limit: number },
): Promise<InFlightRow[]> {
  const after = input.after ?? { walletId: '00000000-0000-0000-0000-000000000000', nonce: -1n };
  const { rows } = await sql<InFlightRow>`
    select o.id, o.wallet_id, o.nonce, o.hash, o.state, o.is_unknown
    from chain_outbox o join wallets w on w.id = o.wallet_id
    where o.state in ('signed', 'broadcast') and o.attempts > 0 and w.chain_id = ${input.chainId}
      and (o.wallet_id, o.nonce) > (${after.walletId}::uuid, ${after.nonce}::bigint)
    order by o.wallet_id, o.nonce limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function inFlightCount(trx: Trx, walletId: string): Promise<bigint> {
  const row = await one(
    sql<{ count: bigint }>`
      select count(*) as count from chain_outbox
      where wallet_id = ${walletId} and state in ('gas_wait', 'signed', 'broadcast')
    `.execute(trx),
    'a count',
  );
  return row.count;
}

export interface OutboxRow {
  id: string;
  purpose: OutboxPurpose;
  source_id: string;
  wallet_id: string;
  hash: Buffer;
  fee_max: bigint;
  state: OutboxState;
  is_unknown: boolean;
}

/** Undefined where it has ended, or where another process is posting its end. */
export async function lockOutbox(trx: Trx, id: string): Promise<OutboxRow | undefined> {
  const { rows } = await sql<OutboxRow>`
    select id, purpose, source_id, wallet_id, hash, fee_max, state, is_unknown from chain_outbox
    where id = ${id} and state in ('signed', 'broadcast') for update skip locked
  `.execute(trx);
  return rows[0];
}

export async function endOutbox(
  trx: Trx,
  input: {
    id: string;
    state: 'final' | 'reverted';
    outcome: Extract<TransactionOutcome, { kind: 'final' }>;
    at: Date;
  },
): Promise<void> {
  const { outcome } = input;
  await sql`
    update chain_outbox
    set state = ${input.state}, is_unknown = false, block_number = ${outcome.blockNumber}, block_hash = ${outcome.blockHash},
        error_code = ${outcome.errorCode}, fee = ${outcome.fee}, final_at = ${input.at}
    where id = ${input.id}
  `.execute(trx);
}

/** Lets the rows go that waited for a grant's row. */
export async function release(trx: Trx, input: { waitsFor: string; at: Date }): Promise<void> {
  await sql`
    update chain_outbox set state = 'signed', next_attempt_at = ${input.at}
    where waits_for = ${input.waitsFor} and state = 'gas_wait'
  `.execute(trx);
}

export async function saveProgress(db: Db, input: { chainId: number; block: number; at: Date }): Promise<void> {
  await sql`
    insert into chain_progress as p (chain_id, posted_block, updated_at)
    values (${input.chainId}, ${input.block}, ${input.at})
    on conflict (chain_id) do update set posted_block = excluded.posted_block, updated_at = excluded.updated_at
      where p.posted_block < excluded.posted_block
  `.execute(db);
}

// Balances and journal --------------------------------------------------------------------------------------------

/** Adds (or takes, where negative) in one row; CHECKs keep both figures at zero or more. */
export async function moveBalance(
  trx: Trx,
  input: { walletId: string; tokenId: string; available: bigint; held: bigint },
): Promise<void> {
  await ensureBalance(trx, input);
  await sql`
    update balances set available = available + ${input.available}, held = held + ${input.held}
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId}
  `.execute(trx);
}

/** Promises `amount` of what is available. False, and nothing held, where less is available (INV-08). */
export async function hold(trx: Trx, input: { walletId: string; tokenId: string; amount: bigint }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update balances set available = available - ${input.amount}, held = held + ${input.amount}
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId} and available >= ${input.amount}
  `.execute(trx);
  return numAffectedRows === 1n;
}

export async function addIncoming(
  trx: Trx,
  input: { walletId: string; tokenId: string; amount: bigint },
): Promise<void> {
  await ensureBalance(trx, input);
  await sql`
    update balances set incoming = incoming + ${input.amount}
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId}
  `.execute(trx);
}

async function ensureBalance(trx: Trx, input: { walletId: string; tokenId: string }): Promise<void> {
  await sql`
    insert into balances (wallet_id, token_id) values (${input.walletId}, ${input.tokenId}) on conflict do nothing
  `.execute(trx);
}

/** Ends hold and promise of a transfer; the rows are changed in the order of their wallets, as everywhere. */
export async function settleTransfer(
  trx: Trx,
  input: {
    payer_wallet_id: string;
    payee_wallet_id: string;
    token_id: string;
    amount: bigint;
    isSuccess: boolean;
  },
): Promise<void> {
  const { amount, isSuccess } = input;
  const payer = async () =>
    await sql`
      update balances set held = held - ${amount}, available = available + ${isSuccess ? 0n : amount}
      where wallet_id = ${input.payer_wallet_id} and token_id = ${input.token_id}
    `.execute(trx);
  const payee = async () =>
    await sql`
      update balances set incoming = incoming - ${amount}, available = available + ${isSuccess ? amount : 0n}
      where wallet_id = ${input.payee_wallet_id} and token_id = ${input.token_id}
    `.execute(trx);
  if (input.payer_wallet_id < input.payee_wallet_id) {
    await payer();
    await payee();
  } else {
    await payee();
    await payer();
  }
}

/** One entry with its two sides. A null wallet is the issuance. */
export async function insertJournal(
  trx: Trx,
  entry: {
    entryId: string;
    sourceKind: 'transfer' | 'token_operation';
    sourceId: string;
    block: number;
    at: Date;
    tokenId: string;
    fromWalletId: string | null;
    toWalletId: string | null;
    amount: bigint;
  },
): Promise<void> {
  await sql`
    insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
    values (${entry.entryId}, ${entry.sourceKind}, ${entry.sourceId}, ${entry.block}, ${entry.at})
  `.execute(trx);
  await sql`
    insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
    values (${entry.entryId}, 1, ${entry.tokenId}, ${entry.fromWalletId}, ${-entry.amount}),
           (${entry.entryId}, 2, ${entry.tokenId}, ${entry.toWalletId}, ${entry.amount})
  `.execute(trx);
}

// Transfers -------------------------------------------------------------------------------------------------------

export async function insertTransfer(
  trx: Trx,
  transfer: {
    id: string;
    kind: 'payment' | 'charge';
    payerWalletId: string;
    payeeWalletId: string;
    tokenId: string;
    amount: bigint;
    memo: string;
    chargeId: string | null;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into transfers (id, kind, payer_wallet_id, payee_wallet_id, token_id, amount, memo, charge_id, state, requested_at)
    values (${transfer.id}, ${transfer.kind}, ${transfer.payerWalletId}, ${transfer.payeeWalletId}, ${transfer.tokenId},
            ${transfer.amount}, ${transfer.memo}, ${transfer.chargeId}, 'accepted', ${transfer.now})
  `.execute(trx);
}

export interface EndedTransfer {
  id: string;
  kind: 'payment' | 'charge';
  payer_wallet_id: string;
  payee_wallet_id: string;
  payer_member_id: string | null;
  payee_member_id: string | null;
  token_id: string;
  amount: bigint;
  charge_id: string | null;
}

export async function endTransfer(
  trx: Trx,
  input: { id: string; state: 'final' | 'reverted'; at: Date },
): Promise<EndedTransfer> {
  return await one(
    sql<EndedTransfer>`
      update transfers t set state = ${input.state}, final_at = ${input.at}
      from wallets payer, wallets payee
      where t.id = ${input.id} and t.state = 'accepted' and payer.id = t.payer_wallet_id and payee.id = t.payee_wallet_id
      returning t.id, t.kind, t.payer_wallet_id, t.payee_wallet_id, payer.member_id as payer_member_id,
                payee.member_id as payee_member_id, t.token_id, t.amount, t.charge_id
    `.execute(trx),
    `an accepted transfer ${input.id}`,
  );
}

export interface TransferRow {
  id: string;
  kind: 'payment' | 'charge';
  payer_member_uuid: string | null;
  payer_member_id: string | null;
  payer_name: string | null;
  payer_verified_at: Date | null;
  payee_member_uuid: string | null;
  payee_member_id: string | null;
  payee_name: string | null;
  payee_verified_at: Date | null;
  symbol: string;
  token_name: string;
  decimals: number;
  won_per_token: bigint | null;
  token_state: string;
  amount: bigint;
  memo: string;
  state: SourceState;
  is_unknown: boolean | null;
  requested_at: Date;
  final_at: Date | null;
}

const transferColumns = sql`
  t.id, t.kind, t.amount, t.memo, t.state, t.requested_at, t.final_at,
  pm.id as payer_member_uuid, pm.member_id as payer_member_id, pm.name_masked as payer_name, pm.verified_at as payer_verified_at,
  rm.id as payee_member_uuid, rm.member_id as payee_member_id, rm.name_masked as payee_name, rm.verified_at as payee_verified_at,
  k.symbol, k.name as token_name, k.decimals, k.won_per_token, k.state as token_state, o.is_unknown
`;
const transferJoins = sql`
  join tokens k on k.id = t.token_id
  join wallets pw on pw.id = t.payer_wallet_id
  join wallets rw on rw.id = t.payee_wallet_id
  left join members pm on pm.id = pw.member_id
  left join members rm on rm.id = rw.member_id
  left join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id
`;

/** A transfer that the member pays or receives; nobody else's is found. */
export async function transferOf(
  db: Db,
  input: { transferId: string; memberId: string },
): Promise<TransferRow | undefined> {
  const { rows } = await sql<TransferRow>`
    select ${transferColumns} from transfers t ${transferJoins}
    where t.id = ${input.transferId} and (pw.member_id = ${input.memberId} or rw.member_id = ${input.memberId})
  `.execute(db);
  return rows[0];
}

/** Newest first. `after`: the last row of the page before. */
export async function transfersOf(
  db: Db,
  input: {
    memberId: string;
    direction: 'out' | 'in' | undefined;
    kind: 'payment' | 'charge' | undefined;
    after: { requestedAt: Date; id: string } | undefined;
    limit: number;
  },
): Promise<TransferRow[]> {
  const side = (column: 'payer_wallet_id' | 'payee_wallet_id') => sql`
    (select * from transfers
     where ${sql.ref(column)} = (select id from wallets where member_id = ${input.memberId})
       ${input.kind === undefined ? sql`` : sql`and kind = ${input.kind}`}
       ${input.after === undefined ? sql`` : sql`and (requested_at, id) < (${input.after.requestedAt}, ${input.after.id}::uuid)`}
     order by requested_at desc, id desc limit ${input.limit})
  `;
  const sides =
    input.direction === 'out'
      ? side('payer_wallet_id')
      : input.direction === 'in'
        ? side('payee_wallet_id')
        : sql`${side('payer_wallet_id')} union all ${side('payee_wallet_id')}`;
  const { rows } = await sql<TransferRow>`
    select ${transferColumns} from (${sides}) t ${transferJoins}
    order by t.requested_at desc, t.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

// Payees ----------------------------------------------------------------------------------------------------------

export interface PayeeRow {
  id: string;
  payee_member_id: string;
  member_id: string;
  name_masked: string;
  verified_at: Date;
  last_paid_at: Date | null;
}

/** Makes (or finds) the row that names this payee for this payer. */
export async function savePayee(
  db: Db,
  input: { id: string; payerMemberId: string; payeeMemberId: string; at: Date },
): Promise<PayeeRow> {
  return await one(
    sql<PayeeRow>`
      with saved as (
        insert into payees (id, payer_member_id, payee_member_id, created_at)
        values (${input.id}, ${input.payerMemberId}, ${input.payeeMemberId}, ${input.at})
        on conflict (payer_member_id, payee_member_id) do update set created_at = payees.created_at
        returning id, payee_member_id, last_paid_at
      )
      select s.id, s.payee_member_id, m.member_id, m.name_masked, m.verified_at, s.last_paid_at
      from saved s join members m on m.id = s.payee_member_id
    `.execute(db),
    'a payee',
  );
}

export async function payeesOf(
  db: Db,
  input: { memberId: string; after: { lastPaidAt: Date; id: string } | undefined; limit: number },
): Promise<PayeeRow[]> {
  const { rows } = await sql<PayeeRow>`
    select p.id, p.payee_member_id, m.member_id, m.name_masked, m.verified_at, p.last_paid_at
    from payees p join members m on m.id = p.payee_member_id
    where p.payer_member_id = ${input.memberId} and p.last_paid_at is not null
      ${input.after === undefined ? sql`` : sql`and (p.last_paid_at, p.id) < (${input.after.lastPaidAt}, ${input.after.id}::uuid)`}
    order by p.last_paid_at desc, p.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

export interface PayeeOfPayment {
  payee_member_id: string;
  name_masked: string;
  wallet_id: string | null;
  wallet_state: 'preparing' | 'ready' | null;
  address: string | null;
}

/** The payee that a payer's payment names. */
export async function payeeOf(
  trx: Trx,
  input: { payeeId: string; payerMemberId: string; chainId: number },
): Promise<PayeeOfPayment | undefined> {
  const { rows } = await sql<PayeeOfPayment>`
    select p.payee_member_id, m.name_masked, w.id as wallet_id, w.state as wallet_state, w.address
    from payees p join members m on m.id = p.payee_member_id
    left join wallets w on w.member_id = m.id and w.chain_id = ${input.chainId}
    where p.id = ${input.payeeId} and p.payer_member_id = ${input.payerMemberId}
  `.execute(trx);
  return rows[0];
}

export async function markPaid(
  trx: Trx,
  transfer: { payer_member_id: string | null; payee_member_id: string | null },
  at: Date,
): Promise<void> {
  await sql`
    update payees set last_paid_at = greatest(last_paid_at, ${at}::timestamptz)
    where payer_member_id = ${transfer.payer_member_id} and payee_member_id = ${transfer.payee_member_id}
  `.execute(trx);
}

export async function payerWallet(
  trx: Trx,
  memberId: string,
): Promise<{ id: string; state: 'preparing' | 'ready' } | undefined> {
  const { rows } = await sql<{ id: string; state: 'preparing' | 'ready' }>`
    select id, state from wallets where member_id = ${memberId}
  `.execute(trx);
  return rows[0];
}

export async function walletAddress(
  trx: Trx,
  walletId: string,
): Promise<{ address: string | null; member_id: string | null }> {
  return await one(
    sql<{ address: string | null; member_id: string | null }>`
      select address, member_id from wallets where id = ${walletId}
    `.execute(trx),
    `a wallet ${walletId}`,
  );
}

// Tokens: written here only at the end of an operation on the chain ----------------------------------------------

export async function endTokenOperation(
  trx: Trx,
  input: { id: string; state: 'final' | 'reverted'; at: Date },
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
        coalesce((select -sum(amount) from journal_postings where wallet_id is null and token_id = ${tokenId}), 0) as supply
      from token_operations p
      left join chain_outbox o on o.purpose = 'token_operation' and o.source_id = p.id
      left join wallets w on w.id = o.wallet_id
      where p.token_id = ${tokenId} and p.kind = 'create'
    `.execute(db),
    'the creation of a token',
  );
}
