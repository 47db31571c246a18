/** `sct_*`: contracts of the built-in templates that hold tokens, items or coupons. */
import { TRANSACTION_BYTES_MAX } from '../../transaction/transaction.ts';
import { address, arrayOf, either, nullable, object, quantity, RpcShapeError, text, type Codec } from '../codec.ts';
import { atLatest, method } from './method.ts';
import { anyNumber } from './sct-number.ts';

/** Items in one answer at most. An answer that would need more is an error, not a part of the truth. */
export const CONTRACT_ITEMS_MAX = 1_000;
/** Indexes in one answer at most. */
export const CONTRACT_INDEXES_MAX = 10_000;

/** What an SCT contract is. `lock` is SCT21's, `cpoint` SCT40's; `stateCode` 0x0 is active. `total` counts items, where there are some. */
export const rpcContract = object(
  {
    creator: address,
    owner: address,
    name: text(),
    symbol: text(),
    state: text(),
    total: anyNumber,
    type: text(32),
  },
  { stateCode: quantity, lock: anyNumber, cpoint: anyNumber },
);

const tokens = object({ balance: anyNumber }, { lockBalance: anyNumber, state: text(), stateCode: quantity });
const items = object({ index: arrayOf(anyNumber, CONTRACT_INDEXES_MAX) });
type Tokens = typeof tokens extends Codec<infer T> ? T : never;
type Items = typeof items extends Codec<infer T> ? T : never;

/** What one SymID holds of a contract: `balance` of tokens, and for SCT21 what is locked; or the indexes of its items. */
export const rpcContractAccount = either<Tokens, Items>(tokens, items, (value): value is Tokens => 'balance' in value);

/** Texts of an item together fill a transaction at most. */
const itemText = text(TRANSACTION_BYTES_MAX);
const itemFields = { index: anyNumber, name: itemText, state: anyNumber, type: itemText };
/** An item of SCT30. `state` is 0 for active, 1 for paused. */
const uniqueItem = object({
  ...itemFields,
  owner: address,
  value: anyNumber,
  category: itemText,
  property: itemText,
  description: itemText,
});
/** A coupon of SCT40; its number of points is `usepoint`. `state` is as an item's; 2 for used and `owner` are ours. */
const coupon = object(
  { ...itemFields, usepoint: anyNumber, groupNo: itemText, couponNo: itemText, etc: itemText },
  { owner: address },
);
type UniqueItem = typeof uniqueItem extends Codec<infer T> ? T : never;
type Coupon = typeof coupon extends Codec<infer T> ? T : never;

/** An item of SCT30 or a coupon of SCT40. */
export const rpcContractItem = either<UniqueItem, Coupon>(
  uniqueItem,
  coupon,
  (value): value is UniqueItem => 'value' in value,
);

/** An item's index. Both published clients send a JSON number, so it is written as one. */
const itemIndex: Codec<bigint> = {
  decode: (value, at) => anyNumber.decode(value, at),
  encode: (value) =>
    value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number.parseInt(value.toString(), 10) : anyNumber.encode(value),
};

/** A category of items or a group number of coupons: text, or a JSON number as an older client sends it, which stands for its digits. */
const category: Codec<string> = {
  decode(value, at) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value.toString();
    if (typeof value === 'string' && value.length <= TRANSACTION_BYTES_MAX) return value;
    throw new RpcShapeError(at, `a category: text of at most ${TRANSACTION_BYTES_MAX} characters`, value);
  },
  encode: (value) => value,
};

export const SCT_METHODS = {
  sct_getContract: method([['contract', address], atLatest], nullable(rpcContract)),
  sct_getContractAccount: method([['contract', address], ['symId', address], atLatest], nullable(rpcContractAccount)),
  sct_getAllowance: method(
    [['contract', address], ['owner', address], ['spender', address], atLatest],
    nullable(rpcContractAccount),
  ),
  sct_getContractItem: method([['contract', address], ['index', itemIndex], atLatest], nullable(rpcContractItem)),
  sct_getContractItemsByCategory: method(
    [['contract', address], ['category', category], atLatest],
    nullable(arrayOf(rpcContractItem, CONTRACT_ITEMS_MAX)),
  ),
} as const;
