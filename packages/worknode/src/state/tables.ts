/** What the chain knows about the world, as tables of immutable values. Each table has one codec; its bytes are stored and hashed. */
import {
  bytesToInteger,
  decodeRlp,
  encodeRlp,
  integerToBytes,
  isRlpList,
  symIdFromBytes,
  symIdToBytes,
  type RlpItem,
  type SymId,
} from '@jigeum/symverse';

/** Coins of a SymID in hug, and the number of its transactions that are in blocks. */
export interface AccountState {
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Hug moved aside by a deposit transaction; not spendable until restored. */
  readonly deposit: bigint;
}

/** An SCT20 contract. `total` is what all holdings of it add up to, always. */
export interface ContractState {
  readonly creator: SymId;
  readonly owner: SymId;
  readonly name: string;
  readonly symbol: string;
  readonly total: bigint;
  readonly isPaused: boolean;
}

/** What the citizen chain says of a SymID now. */
export interface CitizenEntry {
  readonly ca: SymId;
  readonly nonce: bigint;
  /** 20 bytes: the only key whose signatures count for this SymID. */
  readonly keyHash: Uint8Array;
  readonly vFlag: bigint;
  readonly country: bigint;
  /** 1 is active; every other value may not send. */
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
  /** Key: `contract/SymID`. Zero is not kept. */
  readonly holding: bigint;
  /** Key: `contract/owner/spender`. Zero is not kept. */
  readonly allowance: bigint;
  /** Key: SymID. */
  readonly citizen: CitizenEntry;
  /** Key: SymID of a CA. The number of records that it has written. */
  readonly authority: bigint;
}

export type TableName = keyof StateTables;

/** The roots that commit to the tables: the main header's `stateRoot` and `sctRoot`, the citizen header's `stateRoot`. */
export type RootName = 'coin' | 'sct' | 'citizen';

/** Tables in the order of their stored numbers; the number is the index and never changes its meaning. */
export const TABLE_NAMES = [
  'account',
  'contract',
  'holding',
  'allowance',
  'citizen',
  'authority',
] as const satisfies readonly TableName[];

/** Which root covers a table. */
export const ROOT_OF_TABLE: Readonly<Record<TableName, RootName>> = {
  account: 'coin',
  contract: 'sct',
  holding: 'sct',
  allowance: 'sct',
  citizen: 'citizen',
  authority: 'citizen',
};

export const holdingKey = (contract: SymId, holder: SymId): string => `${contract}/${holder}`;
export const allowanceKey = (contract: SymId, owner: SymId, spender: SymId): string =>
  `${contract}/${owner}/${spender}`;

/** The bytes of a row's value. */
export function encodeValue<T extends TableName>(table: T, value: StateTables[T]): Uint8Array {
  return encodeRlp(CODECS[table].encode(value));
}

/** The value of a row's bytes. Throws when they are not what `encodeValue` writes. */
export function decodeValue<T extends TableName>(table: T, raw: Uint8Array): StateTables[T] {
  return CODECS[table].decode(decodeRlp(raw));
}

interface Codec<T> {
  encode(value: T): RlpItem;
  decode(item: RlpItem): T;
}

const amount: Codec<bigint> = {
  encode: (value) => integerToBytes(value),
  decode: (item) => bytesToInteger(bytesOf(item)),
};
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const readText = (item: RlpItem): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(item));

const CODECS: { readonly [T in TableName]: Codec<StateTables[T]> } = {
  account: {
    encode: (row) => [row.balance, row.nonce, row.deposit].map(integerToBytes),
    decode(item) {
      const [balance, nonce, deposit] = fields(item, 3).map(amount.decode) as [bigint, bigint, bigint];
      return { balance, nonce, deposit };
    },
  },
  contract: {
    encode: (row) => [
      symIdToBytes(row.creator),
      symIdToBytes(row.owner),
      text(row.name),
      text(row.symbol),
      integerToBytes(row.total),
      integerToBytes(row.isPaused ? 1n : 0n),
    ],
    decode(item) {
      const [creator, owner, name, symbol, total, isPaused] = fields(item, 6) as [
        RlpItem,
        RlpItem,
        RlpItem,
        RlpItem,
        RlpItem,
        RlpItem,
      ];
      return {
        creator: symIdFromBytes(bytesOf(creator)),
        owner: symIdFromBytes(bytesOf(owner)),
        name: readText(name),
        symbol: readText(symbol),
        total: amount.decode(total),
        isPaused: amount.decode(isPaused) === 1n,
      };
    },
  },
  holding: amount,
  allowance: amount,
  citizen: {
    encode: (row) => [
      symIdToBytes(row.ca),
      row.keyHash,
      row.recordHash,
      ...[row.nonce, row.vFlag, row.country, row.status, row.credit, row.role, row.refCode, row.writeTime].map(
        integerToBytes,
      ),
    ],
    decode(item) {
      const list = fields(item, 11);
      const integers = list.slice(3).map(amount.decode) as [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      const [nonce, vFlag, country, status, credit, role, refCode, writeTime] = integers;
      return {
        ca: symIdFromBytes(bytesOf(list[0]!)),
        keyHash: bytesOf(list[1]!),
        recordHash: bytesOf(list[2]!),
        nonce,
        vFlag,
        country,
        status,
        credit,
        role,
        refCode,
        writeTime,
      };
    },
  },
  authority: amount,
};

function fields(item: RlpItem, count: number): readonly RlpItem[] {
  if (!isRlpList(item) || item.length !== count) throw new RangeError(`Expected a state row of ${count} fields.`);
  return item;
}

function bytesOf(item: RlpItem): Uint8Array {
  if (isRlpList(item)) throw new RangeError('Expected a byte string in a state row, got a list.');
  return item;
}
