/**
 * The rules of SCT20 tokens. Each method decides first and writes last, so that a refused call leaves nothing behind.
 *
 * Documented: who may call what, errCodes, "to yourself" fails, SymIDs must exist. Ours, where documents are silent: the owner
 * receives the first supply; APPROVE sets the allowance; a paused contract refuses everything but UNPAUSE and TRANSFER_OWNER;
 * checks come in the order 1000, 1001, 1003, 1002, 4000, 4001, 2001, 2000.
 */
import { SCT_ERR, type Sct20Call, type SctErrCode, type SctFailureName, type SymId } from '@jigeum/symverse';
import type { StateReader, StateWriter } from '../state/state.ts';
import { allowanceKey, holdingKey, type ContractState } from '../state/tables.ts';

type CallOf<M extends Sct20Call['method']> = Extract<Sct20Call, { method: M }>;

/** Null for success, else the receipt's error code. */
export type SctOutcome = SctErrCode | null;

const SUPPLY_MAX = (1n << 256n) - 1n;

/** Makes a token at `address`; its supply goes to the owner. */
export function createToken(
  state: StateWriter,
  input: { creator: SymId; address: SymId; call: CallOf<'create'> },
): SctOutcome {
  const { creator, address, call } = input;
  // Addresses are shortened hashes: a second contract at one place is refused, not merged.
  if (state.get('contract', address) !== undefined) return failure('wrong-state');
  if (!exists(state, call.owner)) return failure('symid-unknown');
  const { name, symbol, owner, amount: total } = call;
  state.set('contract', address, { creator, owner, name, symbol, total, isPaused: false });
  credit(state, address, owner, total);
  return null;
}

/** Runs a call on an existing token. */
export function callToken(
  state: StateWriter,
  input: { caller: SymId; address: SymId; contract: ContractState; call: Sct20Call },
): SctOutcome {
  const { caller, address, contract, call } = input;
  const isRuler = caller === contract.owner || caller === contract.creator;
  switch (call.method) {
    case 'create':
      return failure('bad-format');
    case 'transfer':
      return transfer(state, { caller, address, contract, call });
    case 'transferFrom':
      return transferFrom(state, { caller, address, contract, call });
    case 'approve':
    case 'decreaseApprove':
      return approve(state, { caller, address, contract, call });
    case 'mint':
      return isRuler ? mint(state, { address, contract, call }) : failure('not-owner');
    case 'burn':
      return isRuler ? burn(state, { address, contract, call }) : failure('not-owner');
    case 'pause':
    case 'unpause':
      return isRuler
        ? setPaused(state, { address, contract, isPaused: call.method === 'pause' })
        : failure('not-owner');
    case 'transferOwner':
      return isRuler ? transferOwner(state, { address, contract, call }) : failure('not-owner');
  }
}

interface On<M extends Sct20Call['method']> {
  readonly address: SymId;
  readonly contract: ContractState;
  readonly call: CallOf<M>;
}
interface By<M extends Sct20Call['method']> extends On<M> {
  readonly caller: SymId;
}

function transfer(state: StateWriter, { caller, address, contract, call }: By<'transfer'>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  if (holdingOf(state, address, caller) < call.amount) return failure('balance-too-low');
  debit(state, address, caller, call.amount);
  credit(state, address, call.to, call.amount);
  return null;
}

function transferFrom(state: StateWriter, { caller, address, contract, call }: By<'transferFrom'>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.from) || !exists(state, call.to)) return failure('symid-unknown');
  if (call.from === call.to) return failure('same-symid');
  const allowance = allowanceOf(state, address, call.from, caller);
  if (allowance < call.amount) return failure('allowance-too-low');
  if (holdingOf(state, address, call.from) < call.amount) return failure('balance-too-low');
  setAllowance(state, allowanceKey(address, call.from, caller), allowance - call.amount);
  debit(state, address, call.from, call.amount);
  credit(state, address, call.to, call.amount);
  return null;
}

function approve(
  state: StateWriter,
  { caller, address, contract, call }: By<'approve' | 'decreaseApprove'>,
): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  const allowance = allowanceOf(state, address, caller, call.to);
  const isSet = call.method === 'approve';
  if (!isSet && allowance < call.amount) return failure('allowance-too-low');
  setAllowance(state, allowanceKey(address, caller, call.to), isSet ? call.amount : allowance - call.amount);
  return null;
}

function mint(state: StateWriter, { address, contract, call }: On<'mint'>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (contract.total + call.amount > SUPPLY_MAX) return failure('bad-format');
  state.set('contract', address, { ...contract, total: contract.total + call.amount });
  credit(state, address, call.to, call.amount);
  return null;
}

function burn(state: StateWriter, { address, contract, call }: On<'burn'>): SctOutcome {
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.from)) return failure('symid-unknown');
  if (holdingOf(state, address, call.from) < call.amount) return failure('balance-too-low');
  state.set('contract', address, { ...contract, total: contract.total - call.amount });
  debit(state, address, call.from, call.amount);
  return null;
}

function setPaused(
  state: StateWriter,
  input: { address: SymId; contract: ContractState; isPaused: boolean },
): SctOutcome {
  const { address, contract, isPaused } = input;
  if (contract.isPaused === isPaused) return failure('wrong-state');
  state.set('contract', address, { ...contract, isPaused });
  return null;
}

function transferOwner(state: StateWriter, { address, contract, call }: On<'transferOwner'>): SctOutcome {
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === contract.owner) return failure('same-symid');
  state.set('contract', address, { ...contract, owner: call.to });
  return null;
}

/** Tokens of a holder; zero when it never had any. */
export const holdingOf = (state: StateReader, contract: SymId, holder: SymId): bigint =>
  state.get('holding', holdingKey(contract, holder)) ?? 0n;

/** What a spender may still move of an owner's tokens. */
export const allowanceOf = (state: StateReader, contract: SymId, owner: SymId, spender: SymId): bigint =>
  state.get('allowance', allowanceKey(contract, owner, spender)) ?? 0n;

const exists = (state: StateReader, symId: SymId): boolean => state.get('citizen', symId) !== undefined;
const failure = (name: SctFailureName): SctErrCode => SCT_ERR[name];

function credit(state: StateWriter, contract: SymId, holder: SymId, amount: bigint): void {
  setHolding(state, contract, holder, holdingOf(state, contract, holder) + amount);
}

function debit(state: StateWriter, contract: SymId, holder: SymId, amount: bigint): void {
  setHolding(state, contract, holder, holdingOf(state, contract, holder) - amount);
}

function setHolding(state: StateWriter, contract: SymId, holder: SymId, amount: bigint): void {
  state.set('holding', holdingKey(contract, holder), amount === 0n ? undefined : amount);
}

function setAllowance(state: StateWriter, key: string, amount: bigint): void {
  state.set('allowance', key, amount === 0n ? undefined : amount);
}
