/**
 * The rules of SCT22: SCT20 without approvals, and an authority.
 *
 * Documented: the methods and who may call them, and that it "implements authorized transfer". What SET_AUTHORITY does is not
 * described anywhere, and the template has a TRANSFER_FROM but no APPROVE. Ours:
 * - SET_AUTHORITY by owner or creator names its caller, for it carries no parameter that could name somebody else;
 * - the authority may TRANSFER_FROM anybody's tokens, as long as he is owner or creator; everybody else is refused with 2001.
 * That gives nobody a power that he had not: owner and creator may burn anybody's tokens and mint them anew for another.
 */
import type { Sct22Call } from '@jigeum/symverse';
import type { ContractOf } from '../state/contract-row.ts';
import type { StateWriter } from '../state/state.ts';
import { credit, debit, holdingOf } from './holdings.ts';
import { exists, failure, isRuler, type Creation, type SctOutcome, type Within } from './outcome.ts';
import { callToken } from './sct20.ts';

type CallOf<M extends Sct22Call['method']> = Extract<Sct22Call, { method: M }>;
type On<Call> = Within<ContractOf<'sct22'>, Call>;

/** Makes a token without an authority; its supply goes to the owner. */
export function createSct22(state: StateWriter, { creator, address, call }: Creation<CallOf<'create'>>): SctOutcome {
  const { name, symbol, owner, amount: total } = call;
  if (!exists(state, owner)) return failure('symid-unknown');
  const row = { template: 'sct22', creator, owner, name, symbol, total, isPaused: false, authority: null } as const;
  state.set('contract', address, row);
  credit(state, address, owner, total);
  return null;
}

/** Runs a call on a token with an authority. */
export function callSct22(state: StateWriter, on: On<Exclude<Sct22Call, { method: 'create' }>>): SctOutcome {
  const { call } = on;
  switch (call.method) {
    case 'transferFrom':
      return transferFrom(state, { ...on, call });
    case 'setAuthority':
      return setAuthority(state, on);
    case 'transfer':
    case 'mint':
    case 'burn':
    case 'pause':
    case 'unpause':
    case 'transferOwner':
      return callToken(state, { ...on, call });
  }
}

function transferFrom(state: StateWriter, { caller, address, contract, call }: On<CallOf<'transferFrom'>>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.from) || !exists(state, call.to)) return failure('symid-unknown');
  if (call.from === call.to) return failure('same-symid');
  const isAuthority = caller === contract.authority && isRuler(contract, caller);
  if (!isAuthority) return failure('allowance-too-low');
  if (holdingOf(state, address, call.from) < call.amount) return failure('balance-too-low');
  debit(state, address, call.from, call.amount);
  credit(state, address, call.to, call.amount);
  return null;
}

function setAuthority(state: StateWriter, { caller, address, contract }: Omit<On<unknown>, 'call'>): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (contract.isPaused || contract.authority === caller) return failure('wrong-state');
  state.set('contract', address, { ...contract, authority: caller });
  return null;
}
