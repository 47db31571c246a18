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
