/**
 * The rules of SCT40: coupons, which are items with points.
 *
 * Documented: a coupon's points are taken from the contract's `cpoint` when it is created. Ours, where documents are silent:
 * points that `cpoint` does not have are 2000; COUPON_USE ends a coupon for good, so that nothing more can happen to it, and the
 * points stay written on it.
 */
import type { Sct40Call, Sct40Coupon } from '@jigeum/symverse';
import type { ContractOf } from '../state/contract-row.ts';
import type { ItemFields } from '../state/item-row.ts';
import type { StateWriter } from '../state/state.ts';
import { addItems, approveItem, changeStatus, ITEMS_MAX, transferItem, transferItemFrom } from './items.ts';
import { exists, failure, isRuler, type Creation, type SctOutcome, type Within } from './outcome.ts';
import { transferOwner } from './transfer-owner.ts';

type CallOf<M extends Sct40Call['method']> = Extract<Sct40Call, { method: M }>;
type On<Call> = Within<ContractOf<'sct40'>, Call>;

/** Makes a contract with points and without coupons. */
export function createSct40(state: StateWriter, { creator, address, call }: Creation<CallOf<'create'>>): SctOutcome {
  const { name, symbol, owner, cpoint } = call;
  if (!exists(state, owner)) return failure('symid-unknown');
  const row = { template: 'sct40', creator, owner, name, symbol, total: 0n, isPaused: false, cpoint } as const;
  state.set('contract', address, row);
  return null;
}

/** Runs a call on a contract of coupons. */
export function callSct40(state: StateWriter, on: On<Exclude<Sct40Call, { method: 'create' }>>): SctOutcome {
  const { call } = on;
  switch (call.method) {
    case 'createCoupon':
      return createCoupon(state, { ...on, call });
    case 'transfer':
      return transferItem(state, { ...on, call });
    case 'transferFrom':
      return transferItemFrom(state, { ...on, call });
    case 'approve':
      return approveItem(state, { ...on, call });
    case 'couponUse':
      return changeStatus(state, { ...on, call }, { from: 'active', to: 'used' });
    case 'couponPause':
      return changeStatus(state, { ...on, call }, { from: 'active', to: 'paused' });
    case 'couponUnpause':
      return changeStatus(state, { ...on, call }, { from: 'paused', to: 'active' });
    case 'transferOwner':
      return transferOwner(state, on, call.to);
  }
}

function createCoupon(state: StateWriter, on: On<CallOf<'createCoupon'>>): SctOutcome {
  const { caller, address, contract, call } = on;
  const total = contract.total + BigInt(call.coupons.length);
  if (total > ITEMS_MAX) return failure('too-many-items');
  if (!isRuler(contract, caller)) return failure('not-owner');
  const points = call.coupons.reduce((sum, { point }) => sum + point, 0n);
  if (points > contract.cpoint) return failure('balance-too-low');
  addItems(state, on, call.coupons.map(itemOfCoupon));
  state.set('contract', address, { ...contract, total, cpoint: contract.cpoint - points });
  return null;
}

const itemOfCoupon = ({ type, name, point, groupNo, couponNo, etc }: Sct40Coupon): ItemFields => ({
  type,
  name,
  value: point,
  category: groupNo,
  property: couponNo,
  description: etc,
});
