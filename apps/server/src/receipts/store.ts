/** Statements over receipts and the keys behind them. Rows are inserted and read, never changed. */
import { fromHex0x } from '@jigeum/std';
import { sql } from 'kysely';
import type { Db } from '#platform';

/** A transfer as its receipt states it, or what keeps it from having one. */
export interface ReceiptRow {
  state: 'accepted' | 'final' | 'reverted';
  amount: bigint;
  memo: string;
  contract: string | null;
  symbol: string;
  decimals: number;
  payer: string | null;
  payee: string | null;
  /** Null unless final. */
  hash: Buffer | null;
  /** Null while nobody has asked for it. */
  file: string | null;
  memo_salt: Buffer | null;
}

/** One transfer that the member pays or receives, with its receipt where it has one. */
export async function receiptOf(
  db: Db,
  input: { transferId: string; memberId: string },
): Promise<ReceiptRow | undefined> {
  const { rows } = await sql<ReceiptRow>`
    select t.state, t.amount, t.memo, k.contract, k.symbol, k.decimals, payer.address as payer, payee.address as payee,
           o.hash, r.file, r.memo_salt
    from transfers t
    join tokens k on k.id = t.token_id
    join wallets payer on payer.id = t.payer_wallet_id
    join wallets payee on payee.id = t.payee_wallet_id
    left join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id and o.state = 'final'
    left join receipts r on r.transfer_id = t.id
    where t.id = ${input.transferId} and (payer.member_id = ${input.memberId} or payee.member_id = ${input.memberId})
  `.execute(db);
  return rows[0];
}

/** Keeps a receipt unless there is one: the first that is written is the one. `keyHash`: `0x` hex. */
/** False where somebody was faster. */
export async function insertReceipt(
  db: Db,
  receipt: {
    transferId: string;
    issuerKeyId: string;
    sealer: { symId: string; keyHash: string };
    memoSalt: Uint8Array;
    file: string;
    at: Date;
  },
): Promise<boolean> {
  const { sealer } = receipt;
  const keyHash = Buffer.from(fromHex0x(sealer.keyHash));
  await sql`
    insert into receipt_sealers (key_hash, sym_id, first_seen_at) values (${keyHash}, ${sealer.symId}, ${receipt.at})
    on conflict (key_hash) do nothing
  `.execute(db);
  const { numAffectedRows } = await sql`
    insert into receipts (transfer_id, issuer_key_id, sealer_key_hash, memo_salt, file, made_at)
    values (${receipt.transferId}, ${Buffer.from(fromHex0x(receipt.issuerKeyId))}, ${keyHash},
            ${Buffer.from(receipt.memoSalt)}, ${receipt.file}, ${receipt.at})
    on conflict (transfer_id) do nothing
  `.execute(db);
  return numAffectedRows === 1n;
}

/** Remembers an issuer's public key for ever. */
export async function insertIssuerKey(db: Db, key: { keyId: string; publicKey: Uint8Array; at: Date }): Promise<void> {
  await sql`
    insert into receipt_issuer_keys (key_id, public_key, first_used_at)
    values (${Buffer.from(fromHex0x(key.keyId))}, ${Buffer.from(key.publicKey)}, ${key.at})
    on conflict (key_id) do nothing
  `.execute(db);
}

export interface IssuerKeyRow {
  key_id: Buffer;
  public_key: Buffer;
  first_used_at: Date;
}

export interface SealerRow {
  key_hash: Buffer;
  sym_id: string;
}

/** Keys that a page can show. A platform exchanges its keys a few times in its life. */
const KEYS_MAX = 200;

/** All keys, the newest first. */
export async function allKeys(db: Db): Promise<{ issuerKeys: IssuerKeyRow[]; sealers: SealerRow[] }> {
  const issuerKeys = await sql<IssuerKeyRow>`
    select key_id, public_key, first_used_at from receipt_issuer_keys order by first_used_at desc, key_id limit ${KEYS_MAX}
  `.execute(db);
  const sealers = await sql<SealerRow>`
    select key_hash, sym_id from receipt_sealers order by first_seen_at desc, key_hash limit ${KEYS_MAX}
  `.execute(db);
  return { issuerKeys: issuerKeys.rows, sealers: sealers.rows };
}
