/** The rules of SCT30: unique items. What it has in common with coupons is in `items.ts`; a contract itself is never paused. */
import type { Sct30Call } from '@jigeum/symverse';
import type { ContractOf } from '../state/contract-row.ts';
import type { StateWriter } from '../state/state.ts';
import { addItems, approveItem, changeStatus, ITEMS_MAX, transferItem, transferItemFrom } from './items.ts';
import { exists, failure, isRuler, type Creation, type SctOutcome, type Within } from './outcome.ts';
import { transferOwner } from './transfer-owner.ts';

type CallOf<M extends Sct30Call['method']> = Extract<Sct30Call, { method: M }>;
type On<Call> = Within<ContractOf<'sct30'>, Call>;

/** Makes a contract without items. */
export function createSct30(state: StateWriter, { creator, address, call }: Creation<CallOf<'create'>>): SctOutcome {
  const { name, symbol, owner } = call;
  if (!exists(state, owner)) return failure('symid-unknown');
  state.set('contract', address, { template: 'sct30', creator, owner, name, symbol, total: 0n, isPaused: false });
  return null;
}

/** Runs a call on a contract of items. */
export function callSct30(state: StateWriter, on: On<Exclude<Sct30Call, { method: 'create' }>>): SctOutcome {
  const { call } = on;
  switch (call.method) {
    case 'createItem':
      return createItem(state, { ...on, call });
    case 'transfer':
      return transferItem(state, { ...on, call });
    case 'transferFrom':
      return transferItemFrom(state, { ...on, call });
    case 'approve':
      return approveItem(state, { ...on, call });
    case 'itemPause':
      return changeStatus(state, { ...on, call }, { from: 'active', to: 'paused' });
    case 'itemUnpause':
      return changeStatus(state, { ...on, call }, { from: 'paused', to: 'active' });
    case 'transferOwner':
      return transferOwner(state, on, call.to);
  }
}

function createItem(state: StateWriter, on: On<CallOf<'createItem'>>): SctOutcome {
  const { caller, address, contract, call } = on;
  const total = contract.total + BigInt(call.items.length);
  if (total > ITEMS_MAX) return failure('too-many-items');
  if (!isRuler(contract, caller)) return failure('not-owner');
  addItems(state, on, call.items);
  state.set('contract', address, { ...contract, total });
  return null;
}
