/** Statements over the nonce and gas columns of `wallets`. */
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import { one } from './rows.ts';

export interface LockedWallet {
  id: string;
  kind: 'member' | 'treasury' | 'reserve';
  member_id: string | null;
  address: string;
  next_nonce: bigint;
  gas_available: bigint;
  /** A row of it waits for a cancel. */
  needs_cancel: boolean;
}

/**
 * Locks a ready wallet until the transaction ends. `no key update` and not `update`: rows that refer to the wallet may be
 * written meanwhile. Order of locks everywhere: the wallet that gets something, then the treasury, then balances by
 * wallet id. Throws where the wallet is not ready.
 */
export async function lockWallet(trx: Trx, walletId: string): Promise<LockedWallet> {
  return await one(
    sql<LockedWallet>`
      select id, kind, member_id, address, next_nonce, gas_available, needs_cancel from wallets
      where id = ${walletId} and state = 'ready' for no key update
    `.execute(trx),
    `a ready wallet ${walletId}`,
  );
}

/**
 * Locks the wallets of members, in the order of their ids, until the transaction ends. What is read in a later statement of
 * the transaction, and changes only under these locks, stays true until the commit. Ready or not; without those who have none.
 */
export async function lockWalletsOf(
  trx: Trx,
  memberIds: readonly string[],
): Promise<Map<string, Omit<LockedWallet, 'address'> & { address: string | null }>> {
  const { rows } = await sql<LockedWallet & { address: string | null; member_id: string }>`/*prepare*/
    select id, kind, member_id, address, next_nonce, gas_available, needs_cancel from wallets
    where member_id = any(${[...memberIds]}::uuid[]) order by id for no key update
  `.execute(trx);
  return new Map(rows.map((row) => [row.member_id, row]));
}

/** Locks these, in the order of their ids, without those that somebody else holds or that need nothing any more. */
export async function lockWalletsNeedingGas(trx: Trx, walletIds: readonly string[]): Promise<LockedWallet[]> {
  const { rows } = await sql<LockedWallet>`
    select id, kind, member_id, address, next_nonce, gas_available, needs_cancel from wallets
    where id = any(${[...walletIds]}::uuid[]) and state = 'ready' and needs_gas order by id for no key update skip locked
  `.execute(trx);
  return rows;
}

/** Moves the nonces of wallets on, and sets what gas they keep. Each is named once. Throws where a nonce is not what was read. */
export async function takeNonces(
  trx: Trx,
  taken: readonly { walletId: string; nonce: bigint; count: number; gasAvailable: bigint; needsGas: boolean }[],
): Promise<void> {
  const { numAffectedRows } = await sql`/*prepare*/
    update wallets w
    set next_nonce = w.next_nonce + t.count, gas_available = t.gas_available, needs_gas = w.needs_gas or t.needs_gas
    from unnest(${taken.map(({ walletId }) => walletId)}::uuid[], ${taken.map(({ nonce }) => nonce)}::bigint[],
                ${taken.map(({ count }) => count)}::int[], ${taken.map(({ gasAvailable }) => gasAvailable)}::numeric[],
                ${taken.map(({ needsGas }) => needsGas)}::boolean[]) as t (id, nonce, count, gas_available, needs_gas)
    where w.id = t.id and w.next_nonce = t.nonce
  `.execute(trx);
  if (numAffectedRows !== BigInt(taken.length))
    throw new Error(`Expected ${taken.length} nonces that were read under the lock, got ${numAffectedRows ?? 0n}.`);
}

export async function gasAvailable(db: Db, walletId: string): Promise<bigint> {
  const row = await one(
    sql<{ gas_available: bigint }>`select gas_available from wallets where id = ${walletId}`.execute(db),
    `a wallet ${walletId}`,
  );
  return row.gas_available;
}

export async function walletsNeedingGas(db: Db, input: { chainId: number; limit: number }): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`/*prepare*/
    select id from wallets
    where needs_gas and not gas_unsure and state = 'ready' and chain_id = ${input.chainId} and kind <> 'treasury'
    order by id limit ${input.limit}
  `.execute(db);
  return rows.map((row) => row.id);
}

export async function clearNeedsGas(trx: Trx, walletIds: readonly string[]): Promise<void> {
  await sql`update wallets set needs_gas = false where id = any(${[...walletIds]}::uuid[]) and needs_gas`.execute(trx);
}

/** The coin of these is to be compared with the chain. */
export async function askForGas(db: Db, walletIds: readonly string[]): Promise<void> {
  await sql`
    update wallets set needs_gas = true, gas_unsure = true where id = any(${[...walletIds]}::uuid[])
  `.execute(db);
}

/** Where the chain counts more transactions of a wallet than were signed here, somebody else has used its key. */
export async function moveNonceForward(trx: Trx, input: { walletId: string; nonce: number }): Promise<void> {
  await sql`
    update wallets set next_nonce = ${input.nonce} where id = ${input.walletId} and next_nonce < ${input.nonce}
  `.execute(trx);
}

export async function askForCancel(db: Db, walletId: string): Promise<void> {
  await sql`update wallets set needs_cancel = true where id = ${walletId}`.execute(db);
}

export async function clearNeedsCancel(trx: Trx, walletId: string): Promise<void> {
  await sql`update wallets set needs_cancel = false where id = ${walletId} and needs_cancel`.execute(trx);
}

/** Changes of wallets by the ends of transactions. */
export interface WalletChange {
  walletId: string;
  /** Native coin that comes free, base units. */
  gas: bigint;
  /** Where another transaction used its nonce: how many the chain counts. Whoever sent it has spent coin, too. */
  foreignNonce: number | null;
}

/** Locks the wallets in the one order (members and reserve by id, then the treasury) and changes them. */
export async function changeWallets(trx: Trx, changes: readonly WalletChange[]): Promise<void> {
  if (changes.length === 0) return;
  const ids = changes.map((change) => change.walletId);
  await sql`/*prepare*/
    select from wallets where id = any(${ids}::uuid[]) order by kind = 'treasury', id for no key update
  `.execute(trx);
  await sql`/*prepare*/
    update wallets w
    set gas_available = w.gas_available + c.gas, next_nonce = greatest(w.next_nonce, c.foreign_nonce),
        gas_unsure = w.gas_unsure or c.foreign_nonce is not null, needs_gas = w.needs_gas or c.foreign_nonce is not null
    from unnest(${ids}::uuid[], ${changes.map((change) => change.gas)}::numeric[],
                ${changes.map((change) => change.foreignNonce)}::bigint[]) as c (id, gas, foreign_nonce)
    where w.id = c.id
  `.execute(trx);
}

export interface UnsureWallet {
  id: string;
  address: string;
}

export async function unsureWallets(db: Db, input: { chainId: number; limit: number }): Promise<UnsureWallet[]> {
  const { rows } = await sql<UnsureWallet>`
    select id, address from wallets
    where needs_gas and gas_unsure and state = 'ready' and chain_id = ${input.chainId} order by id limit ${input.limit}
  `.execute(db);
  return rows;
}

/**
 * Sets the gas of a locked wallet to what the chain says, less what is promised to transactions that the chain has not counted
 * yet. `nonce` and `gas` are the chain's at one moment. Null, and nothing changed, where coin is on its way to the wallet,
 * something has ended since that moment, or the end of something earlier is not posted: then the figures do not fit. Else what is missing for all that is promised, or 0.
 */
export async function correctGas(
  trx: Trx,
  input: { walletId: string; nonce: number; gas: bigint },
): Promise<{ missing: bigint } | null> {
  const { rows } = await sql<{ missing: bigint }>`
    with promised as (
      select coalesce(sum(o.fee_max + case when o.purpose = 'gas_grant' then g.amount else 0 end), 0) as sum
      from chain_outbox o left join gas_grants g on o.purpose = 'gas_grant' and g.id = o.source_id
      where o.wallet_id = ${input.walletId} and o.nonce >= ${input.nonce} and o.state in ('signed', 'broadcast')
    )
    update wallets w set gas_available = greatest(0, ${input.gas} - promised.sum), gas_unsure = false
    from promised
    where w.id = ${input.walletId} and w.next_nonce >= ${input.nonce}
      and not exists (select from chain_outbox o where o.wallet_id = w.id and o.nonce >= ${input.nonce}
                        and o.state in ('final', 'reverted', 'superseded'))
      and not exists (select from chain_outbox o where o.wallet_id = w.id and o.nonce < ${input.nonce}
                        and o.state in ('gas_wait', 'signed', 'broadcast'))
      and not exists (select from gas_grants g where g.wallet_id = w.id and g.state = 'accepted')
    returning greatest(0, promised.sum - ${input.gas}) as missing
  `.execute(trx);
  return rows[0] ?? null;
}
