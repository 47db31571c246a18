/**
 * The rules of SCT20 tokens; SCT21 and SCT22 share them where their methods are the same.
 *
 * Documented: who may call what, errCodes, "to yourself" fails, SymIDs must exist. Ours, where documents are silent: the owner
 * receives the first supply; APPROVE sets the allowance; a paused contract refuses everything but UNPAUSE and TRANSFER_OWNER.
 */
import type { Sct20Call } from '@jigeum/symverse';
import type { ContractOf } from '../state/contract-row.ts';
import type { StateWriter } from '../state/state.ts';
import { allowanceOf, credit, debit, holdingOf, setAllowance, SUPPLY_MAX } from './holdings.ts';
import { exists, failure, isRuler, type Creation, type SctOutcome, type Within } from './outcome.ts';
import { transferOwner } from './transfer-owner.ts';

type CallOf<M extends Sct20Call['method']> = Extract<Sct20Call, { method: M }>;
/** A contract whose total is shared out in holdings. */
type TokenContract = ContractOf<'sct20' | 'sct21' | 'sct22'>;
type On<Call> = Within<TokenContract, Call>;

/** Makes a token; its supply goes to the owner. */
export function createSct20(state: StateWriter, { creator, address, call }: Creation<CallOf<'create'>>): SctOutcome {
  if (!exists(state, call.owner)) return failure('symid-unknown');
  const { name, symbol, owner, amount: total } = call;
  state.set('contract', address, { template: 'sct20', creator, owner, name, symbol, total, isPaused: false });
  credit(state, address, owner, total);
  return null;
}

/** Runs a call on a token. */
export function callToken(state: StateWriter, on: On<Exclude<Sct20Call, { method: 'create' }>>): SctOutcome {
  const { call } = on;
  switch (call.method) {
    case 'transfer':
      return transfer(state, { ...on, call });
    case 'transferFrom':
      return transferFrom(state, { ...on, call });
    case 'approve':
    case 'decreaseApprove':
      return approve(state, { ...on, call });
    case 'mint':
      return mint(state, { ...on, call });
    case 'burn':
      return burn(state, { ...on, call });
    case 'pause':
    case 'unpause':
      return setPaused(state, on, call.method === 'pause');
    case 'transferOwner':
      return transferOwner(state, on, call.to);
  }
}

function transfer(state: StateWriter, { caller, address, contract, call }: On<CallOf<'transfer'>>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  if (holdingOf(state, address, caller) < call.amount) return failure('balance-too-low');
  debit(state, address, caller, call.amount);
  credit(state, address, call.to, call.amount);
  return null;
}

function transferFrom(state: StateWriter, { caller, address, contract, call }: On<CallOf<'transferFrom'>>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.from) || !exists(state, call.to)) return failure('symid-unknown');
  if (call.from === call.to) return failure('same-symid');
  const allowance = allowanceOf(state, address, call.from, caller);
  if (allowance < call.amount) return failure('allowance-too-low');
  if (holdingOf(state, address, call.from) < call.amount) return failure('balance-too-low');
  setAllowance(state, address, { owner: call.from, spender: caller, amount: allowance - call.amount });
  debit(state, address, call.from, call.amount);
  credit(state, address, call.to, call.amount);
  return null;
}

function approve(
  state: StateWriter,
  { caller, address, contract, call }: On<CallOf<'approve' | 'decreaseApprove'>>,
): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  const allowance = allowanceOf(state, address, caller, call.to);
  const isSet = call.method === 'approve';
  if (!isSet && allowance < call.amount) return failure('allowance-too-low');
  setAllowance(state, address, {
    owner: caller,
    spender: call.to,
    amount: isSet ? call.amount : allowance - call.amount,
  });
  return null;
}

function mint(state: StateWriter, { caller, address, contract, call }: On<CallOf<'mint'>>): SctOutcome {
  if (contract.total + call.amount > SUPPLY_MAX) return failure('bad-format');
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  state.set('contract', address, { ...contract, total: contract.total + call.amount });
  credit(state, address, call.to, call.amount);
  return null;
}

function burn(state: StateWriter, { caller, address, contract, call }: On<CallOf<'burn'>>): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.from)) return failure('symid-unknown');
  if (holdingOf(state, address, call.from) < call.amount) return failure('balance-too-low');
  state.set('contract', address, { ...contract, total: contract.total - call.amount });
  debit(state, address, call.from, call.amount);
  return null;
}

function setPaused(
  state: StateWriter,
  { caller, address, contract }: Omit<On<unknown>, 'call'>,
  isPaused: boolean,
): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (contract.isPaused === isPaused) return failure('wrong-state');
  state.set('contract', address, { ...contract, isPaused });
  return null;
}
