/** What the chain knows about the world, as tables of immutable values. Each table has one codec; its bytes are stored and hashed. */
import { bytesToHex } from '@jigeum/std';
import { decodeRlp, encodeRlp, sha3_256, type SymId } from '@jigeum/symverse';
import { contractRow, type ContractState } from './contract-row.ts';
import { itemRow, type ItemState } from './item-row.ts';
import { address, amount, byteString, fieldsOf, flag, type Codec } from './row-codec.ts';

/** Coins of a SymID in hug, and the number of its transactions that are in blocks. */
export interface AccountState {
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Hug moved aside by a deposit transaction; not spendable until restored. */
  readonly deposit: bigint;
}

/** What an SCT21 contract has locked for a SymID. */
export interface LockState {
  /** Tokens that are its own but that only the contract's owner or creator can free; not part of its holding. */
  readonly amount: bigint;
  /** True while it may neither send nor approve. */
  readonly isAccountLocked: boolean;
}

/** What the citizen chain says of a SymID now. */
export interface CitizenEntry {
  readonly ca: SymId;
  readonly nonce: bigint;
  /** 20 bytes: the only key whose signatures count for this SymID. */
  readonly keyHash: Uint8Array;
  readonly vFlag: bigint;
  readonly country: bigint;
  /** 1 active, 2 locked, 3 marked, 4 revoked; `mayPay` says which of them may send. */
  readonly status: bigint;
  readonly credit: bigint;
  readonly role: bigint;
  readonly refCode: bigint;
  readonly writeTime: bigint;
  /** 32 bytes: the record that said so last. */
  readonly recordHash: Uint8Array;
}

/** The tables and what a row of each holds. */
export interface StateTables {
  /** Key: SymID. A row of zeros is not kept. */
  readonly account: AccountState;
  /** Key: contract address. */
  readonly contract: ContractState;
  /** Key: `contract/SymID`. Tokens, or the number of items. Zero is not kept. */
  readonly holding: bigint;
  /** Key: `contract/owner/spender`. Zero is not kept. */
  readonly allowance: bigint;
  /** Key: SymID. */
  readonly citizen: CitizenEntry;
  /** Key: SymID of a CA. The number of records that it has written. */
  readonly authority: bigint;
  /** Key: `contract/SymID`. A row that locks nothing is not kept. */
  readonly lock: LockState;
  /** Key: `contract/index`. Indexes count from 0; an item is never removed. */
  readonly item: ItemState;
  /** Key: `contract/SymID/position`; the item's index. Positions are without gaps, and `holding` says how many there are. */
  readonly ownedItem: bigint;
  /** Key: `contract/hash of the category`. The number of items in it. */
  readonly category: bigint;
  /** Key: `contract/hash of the category/position`; the item's index, in the order of creation. */
  readonly categoryItem: bigint;
}

export type TableName = keyof StateTables;

/** The roots that commit to the tables: the main header's `stateRoot` and `sctRoot`, the citizen header's `stateRoot`. */
export const ROOT_NAMES = ['coin', 'sct', 'citizen'] as const;
export type RootName = (typeof ROOT_NAMES)[number];

/** Tables in the order of their stored numbers; the number is the index and never changes its meaning. */
export const TABLE_NAMES = [
  'account',
  'contract',
  'holding',
  'allowance',
  'citizen',
  'authority',
  'lock',
  'item',
  'ownedItem',
  'category',
  'categoryItem',
] as const satisfies readonly TableName[];

/** Which root covers a table. */
export const ROOT_OF_TABLE: Readonly<Record<TableName, RootName>> = {
  account: 'coin',
  contract: 'sct',
  holding: 'sct',
  allowance: 'sct',
  citizen: 'citizen',
  authority: 'citizen',
  lock: 'sct',
  item: 'sct',
  ownedItem: 'sct',
  category: 'sct',
  categoryItem: 'sct',
};

export const holdingKey = (contract: SymId, holder: SymId): string => `${contract}/${holder}`;
export const allowanceKey = (contract: SymId, owner: SymId, spender: SymId): string =>
  `${contract}/${owner}/${spender}`;
export const lockKey = (contract: SymId, holder: SymId): string => `${contract}/${holder}`;
export const itemKey = (contract: SymId, index: bigint): string => `${contract}/${index}`;
export const ownedItemKey = (contract: SymId, owner: SymId, position: bigint): string =>
  `${contract}/${owner}/${position}`;
/** A category is any text of up to 32 KB, so its hash stands for it. */
export const categoryKey = (contract: SymId, category: string): string =>
  `${contract}/0x${bytesToHex(sha3_256(new TextEncoder().encode(category)))}`;
export const categoryItemKey = (contract: SymId, category: string, position: bigint): string =>
  `${categoryKey(contract, category)}/${position}`;

/** The bytes of a row's value. */
export function encodeValue<T extends TableName>(table: T, value: StateTables[T]): Uint8Array {
  return encodeRlp(CODECS[table].encode(value));
}

/** The value of a row's bytes. Throws when they are not what `encodeValue` writes. */
export function decodeValue<T extends TableName>(table: T, raw: Uint8Array): StateTables[T] {
  return CODECS[table].decode(decodeRlp(raw));
}

const CODECS: { readonly [T in TableName]: Codec<StateTables[T]> } = {
  account: fieldsOf({ balance: amount, nonce: amount, deposit: amount }),
  contract: contractRow,
  holding: amount,
  allowance: amount,
  citizen: fieldsOf({
    ca: address,
    keyHash: byteString,
    recordHash: byteString,
    nonce: amount,
    vFlag: amount,
    country: amount,
    status: amount,
    credit: amount,
    role: amount,
    refCode: amount,
    writeTime: amount,
  }),
  authority: amount,
  lock: fieldsOf({ amount, isAccountLocked: flag }),
  item: itemRow,
  ownedItem: amount,
  category: amount,
  categoryItem: amount,
};
