/** Items of SCT30 and coupons of SCT40 as rows: one shape for both, because their fields stand in the same order on the wire. */
import type { SymId } from '@jigeum/symverse';
import { address, addressOrNull, amount, fieldsOf, text, type Codec } from './row-codec.ts';

/** In the order of their stored numbers: 0 may be moved, 1 may not until it is set free, 2 is at its end. */
const ITEM_STATUSES = ['active', 'paused', 'used'] as const;
export type ItemStatus = (typeof ITEM_STATUSES)[number];

/** What an item says of itself; it never changes. In brackets: what a coupon calls it. */
export interface ItemFields {
  readonly type: string;
  readonly name: string;
  /** (point) */
  readonly value: bigint;
  /** (groupNo) */
  readonly category: string;
  /** (couponNo) */
  readonly property: string;
  /** (etc) */
  readonly description: string;
}

export interface ItemState extends ItemFields {
  readonly owner: SymId;
  /** Who may move it in the owner's place, once. */
  readonly spender: SymId | null;
  readonly status: ItemStatus;
  /** Its place in the list of its owner's items, from 0; `ownedItem` holds the list. */
  readonly position: bigint;
}

const status: Codec<ItemStatus> = {
  encode: (value) => amount.encode(BigInt(ITEM_STATUSES.indexOf(value))),
  decode(item) {
    const number = amount.decode(item);
    const found = ITEM_STATUSES.find((_, index) => BigInt(index) === number);
    if (found === undefined) throw new RangeError(`Expected the status of an item from 0 to 2, got ${number}.`);
    return found;
  },
};

/** The row of an item. */
export const itemRow: Codec<ItemState> = fieldsOf({
  owner: address,
  spender: addressOrNull,
  status,
  position: amount,
  type: text,
  name: text,
  value: amount,
  category: text,
  property: text,
  description: text,
});
