/**
 * What items of SCT30 and coupons of SCT40 share: each has one owner, who may move it or approve one other to.
 *
 * Documented: who may call what, bulk creation, states 0 and 1 of an item, errCodes, indexes from 0 (the example of
 * sct_getContractItemsByCategory). Ours, where documents are silent: what is created belongs to the contract's owner; an
 * approval is for one SymID, is replaced by the next and ends when the item moves; an item that does not exist, or that
 * somebody else owns, is 2000, and a move that its owner did not approve 2001; a paused item stands still (3000).
 *
 * Each owner's items stand in a list without gaps (`ownedItem`): the last one fills the place of one that leaves, so that moving
 * costs the same however many there are, and reading costs what is read.
 */
import { assert } from '@jigeum/std';
import type { SymId } from '@jigeum/symverse';
import type { ContractOf } from '../state/contract-row.ts';
import type { ItemFields, ItemState, ItemStatus } from '../state/item-row.ts';
import type { StateReader, StateWriter } from '../state/state.ts';
import { categoryItemKey, categoryKey, itemKey, ownedItemKey } from '../state/tables.ts';
import { credit, debit, holdingOf } from './holdings.ts';
import { exists, failure, isRuler, type SctOutcome, type Within } from './outcome.ts';

/** Items of one contract at most: an index stays within 32 bits for every client. */
export const ITEMS_MAX = (1n << 32n) - 1n;

type On<Call> = Within<ContractOf<'sct30' | 'sct40'>, Call>;
interface Item {
  readonly index: bigint;
}
interface ItemTo extends Item {
  readonly to: SymId;
}

/** Writes new items of the contract's owner. The caller has checked that it may, and writes the new total. */
export function addItems(
  state: StateWriter,
  { address, contract }: Pick<On<unknown>, 'address' | 'contract'>,
  items: readonly ItemFields[],
): void {
  const { owner, total } = contract;
  const held = holdingOf(state, address, owner);
  for (const [offset, fields] of items.entries()) {
    const index = total + BigInt(offset);
    const position = held + BigInt(offset);
    state.set('item', itemKey(address, index), { ...fields, owner, spender: null, status: 'active', position });
    state.set('ownedItem', ownedItemKey(address, owner, position), index);
    const inCategory = state.get('category', categoryKey(address, fields.category)) ?? 0n;
    state.set('categoryItem', categoryItemKey(address, fields.category, inCategory), index);
    state.set('category', categoryKey(address, fields.category), inCategory + 1n);
  }
  credit(state, address, owner, BigInt(items.length));
}

/** The owner gives an item away. */
export function transferItem(state: StateWriter, { caller, address, call }: On<ItemTo>): SctOutcome {
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  const item = itemOf(state, address, call.index);
  if (item?.owner !== caller) return failure('balance-too-low');
  if (item.status !== 'active') return failure('wrong-item-state');
  move(state, address, { index: call.index, item, to: call.to });
  return null;
}

/** Somebody moves an item that its owner has approved him for. */
export function transferItemFrom(
  state: StateWriter,
  { caller, address, call }: On<ItemTo & { readonly from: SymId }>,
): SctOutcome {
  if (!exists(state, call.from) || !exists(state, call.to)) return failure('symid-unknown');
  if (call.from === call.to) return failure('same-symid');
  const item = itemOf(state, address, call.index);
  if (item?.owner !== call.from || item.spender !== caller) return failure('allowance-too-low');
  if (item.status !== 'active') return failure('wrong-item-state');
  move(state, address, { index: call.index, item, to: call.to });
  return null;
}

/** The owner lets one other move an item. */
export function approveItem(state: StateWriter, { caller, address, call }: On<ItemTo>): SctOutcome {
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  const item = itemOf(state, address, call.index);
  if (item?.owner !== caller) return failure('balance-too-low');
  if (item.status !== 'active') return failure('wrong-item-state');
  state.set('item', itemKey(address, call.index), { ...item, spender: call.to });
  return null;
}

/** Owner or creator of the contract brings an item from one status to another. */
export function changeStatus(
  state: StateWriter,
  { caller, address, contract, call }: On<Item>,
  change: { readonly from: ItemStatus; readonly to: ItemStatus },
): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  const item = itemOf(state, address, call.index);
  if (item === undefined) return failure('balance-too-low');
  if (item.status !== change.from) return failure('wrong-item-state');
  state.set('item', itemKey(address, call.index), { ...item, status: change.to });
  return null;
}

/** An item, or undefined for an index that was never given. Calls carry up to 256 bits, rows are numbered with 32. */
export const itemOf = (state: StateReader, contract: SymId, index: bigint): ItemState | undefined =>
  index < ITEMS_MAX ? state.get('item', itemKey(contract, index)) : undefined;

/** Indexes of an owner's items, in the order of their positions. */
export function* indexesOf(state: StateReader, contract: SymId, owner: SymId): Generator<bigint> {
  const count = holdingOf(state, contract, owner);
  for (let position = 0n; position < count; position++) {
    yield ownedAt(state, contract, { owner, position });
  }
}

/** Indexes of the items in a category, in the order of their creation. */
export function* indexesIn(state: StateReader, contract: SymId, category: string): Generator<bigint> {
  const count = state.get('category', categoryKey(contract, category)) ?? 0n;
  for (let position = 0n; position < count; position++) {
    const index = state.get('categoryItem', categoryItemKey(contract, category, position));
    assert(index !== undefined, `the category has an item at position ${position}`);
    yield index;
  }
}

function ownedAt(
  state: StateReader,
  contract: SymId,
  { owner, position }: { readonly owner: SymId; readonly position: bigint },
): bigint {
  const index = state.get('ownedItem', ownedItemKey(contract, owner, position));
  assert(index !== undefined, `${owner} has an item of ${contract} at position ${position}`);
  return index;
}

function move(state: StateWriter, contract: SymId, { index, item, to }: ItemTo & { readonly item: ItemState }): void {
  const { owner, position } = item;
  const lastPosition = holdingOf(state, contract, owner) - 1n;
  if (position !== lastPosition) {
    const lastIndex = ownedAt(state, contract, { owner, position: lastPosition });
    const last = itemOf(state, contract, lastIndex);
    assert(last !== undefined, `item ${lastIndex} of ${contract} exists`);
    state.set('item', itemKey(contract, lastIndex), { ...last, position });
    state.set('ownedItem', ownedItemKey(contract, owner, position), lastIndex);
  }
  state.set('ownedItem', ownedItemKey(contract, owner, lastPosition), undefined);
  debit(state, contract, owner, 1n);
  const place = holdingOf(state, contract, to);
  state.set('ownedItem', ownedItemKey(contract, to, place), index);
  state.set('item', itemKey(contract, index), { ...item, owner: to, spender: null, position: place });
  credit(state, contract, to, 1n);
}
