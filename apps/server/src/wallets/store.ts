/** Every statement over `wallets` but the nonce and gas columns, which `transfers` moves under the row's lock. */
import { sql } from 'kysely';
import type { Db } from '#platform';

/** `db` may be a transaction. */
export async function insertWallet(
  db: Db,
  wallet: {
    id: string;
    kind: 'member';
    memberId: string;
    chainId: number;
    keyHash: Uint8Array;
    sealedKeystore: Uint8Array;
    createdAt: Date;
  },
): Promise<void> {
  await sql`
    insert into wallets (id, kind, member_id, chain_id, state, key_hash, sealed_keystore, created_at, next_attempt_at)
    values (${wallet.id}, 'member', ${wallet.memberId}, ${wallet.chainId}, 'preparing', ${Buffer.from(wallet.keyHash)},
            ${Buffer.from(wallet.sealedKeystore)}, ${wallet.createdAt}, ${wallet.createdAt})
  `.execute(db);
}

export async function keystoreOfMember(
  db: Db,
  memberId: string,
): Promise<{ id: string; key_version: number; key_hash: Buffer; sealed_keystore: Buffer } | undefined> {
  const { rows } = await sql<{ id: string; key_version: number; key_hash: Buffer; sealed_keystore: Buffer }>`
    select id, key_version, key_hash, sealed_keystore from wallets where member_id = ${memberId}
  `.execute(db);
  return rows[0];
}

export async function walletState(db: Db, memberId: string): Promise<'preparing' | 'ready' | undefined> {
  const { rows } = await sql<{ state: 'preparing' | 'ready' }>`
    select state from wallets where member_id = ${memberId}
  `.execute(db);
  return rows[0]?.state;
}

/** Takes up to `limit` wallets whose time has come and gives them to nobody else before `leaseUntil`. */
export async function claimPreparing(
  db: Db,
  input: { chainId: number; now: Date; leaseUntil: Date; limit: number },
): Promise<{ id: string; key_hash: Buffer; member_id: string }[]> {
  const { rows } = await sql<{ id: string; key_hash: Buffer; member_id: string }>`
    update wallets set next_attempt_at = ${input.leaseUntil}
    where id in (
      select id from wallets
      where state = 'preparing' and kind = 'member' and chain_id = ${input.chainId} and next_attempt_at <= ${input.now}
      order by next_attempt_at limit ${input.limit} for update skip locked
    )
    returning id, key_hash, member_id
  `.execute(db);
  return rows;
}

/** True where this call made the wallet ready; false where another process did before. */
export async function markReady(db: Db, input: { walletId: string; address: string; readyAt: Date }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update wallets set state = 'ready', address = ${input.address}, ready_at = ${input.readyAt}, needs_gas = true
    where id = ${input.walletId} and state = 'preparing'
  `.execute(db);
  return numAffectedRows === 1n;
}

export interface PlatformWalletRow {
  id: string;
  key_hash: Buffer;
  key_version: number;
  address: string;
  sealed_keystore: Buffer;
}

export async function platformWallet(
  db: Db,
  input: { chainId: number; kind: 'treasury' | 'reserve' },
): Promise<PlatformWalletRow | undefined> {
  const { rows } = await sql<PlatformWalletRow>`
    select id, key_hash, key_version, address, sealed_keystore from wallets
    where chain_id = ${input.chainId} and kind = ${input.kind}
  `.execute(db);
  return rows[0];
}

/**
 * Does nothing where the chain has a wallet of this kind already, or a wallet has this key. Without a conflict target: of two
 * servers that start at once, the later may meet the key's index before that of the kind.
 */
export async function insertPlatformWallet(
  db: Db,
  wallet: {
    id: string;
    kind: 'treasury' | 'reserve';
    chainId: number;
    keyHash: Uint8Array;
    address: string;
    sealedKeystore: Uint8Array;
    nextNonce: number;
    gasAvailable: bigint;
    at: Date;
  },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into wallets (id, kind, chain_id, state, key_hash, address, sealed_keystore, next_nonce, gas_available,
                         created_at, ready_at, next_attempt_at)
    values (${wallet.id}, ${wallet.kind}, ${wallet.chainId}, 'ready', ${Buffer.from(wallet.keyHash)}, ${wallet.address},
            ${Buffer.from(wallet.sealedKeystore)}, ${wallet.nextNonce}, ${wallet.gasAvailable}, ${wallet.at}, ${wallet.at},
            ${wallet.at})
    on conflict do nothing
  `.execute(db);
  return numAffectedRows === 1n;
}

export interface BalanceRow {
  symbol: string;
  name: string;
  decimals: number;
  won_per_token: bigint | null;
  state: string;
  available: bigint;
  held: bigint;
  incoming: bigint;
}

/**
 * One row for each token that exists on the chain, zero where the member never had any. Incoming is the sum of what is
 * accepted and not final: a figure kept beside it would make the payers of one seller wait for each other.
 */
export async function balancesOfMember(db: Db, memberId: string): Promise<BalanceRow[]> {
  const { rows } = await sql<BalanceRow>`
    select t.symbol, t.name, t.decimals, t.won_per_token, t.state,
           coalesce(b.available, 0) as available, coalesce(b.held, 0) as held,
           coalesce((select sum(f.amount) from transfers f
                     where f.payee_wallet_id = w.id and f.token_id = t.id and f.state = 'accepted'), 0) as incoming
    from wallets w
    cross join tokens t
    left join balances b on b.wallet_id = w.id and b.token_id = t.id
    where w.member_id = ${memberId} and t.state in ('active', 'paused')
    order by t.created_at, t.symbol
  `.execute(db);
  return rows;
}

export async function postedBlock(db: Db, chainId: number): Promise<bigint> {
  const { rows } = await sql<{ posted_block: bigint }>`
    select posted_block from chain_progress where chain_id = ${chainId}
  `.execute(db);
  return rows[0]?.posted_block ?? 0n;
}
