/**
 * The rules of SCT21 tokens: SCT20's, and locks. The total of a contract is in four places, and only there:
 *
 *   holding of a SymID ──addLockAmount (creator's)──► pool of the contract (`lock`)
 *          ▲            ◄──subLockAmount──────────────    │        ▲
 *          │                                    lockTransfer   restoreLockAmount
 *          └──────────────unlockAmount────────── lock of a SymID ──┘
 *
 * Documented: the lock amount is a part of the total supply (sct21SampleProject); who may call what; a locked account may not
 * TRANSFER, TRANSFER_FROM, APPROVE or DECREASE_APPROVE. Ours, where documents are silent:
 * - what is added to the pool comes from the creator's holding and what is taken returns there, for the documents call it his;
 * - a lock transfer gives the caller's own tokens and the pool's locked ones in one call;
 * - a locked account's tokens do not move by its spender's word either, or a thief would approve before he is found out;
 * - a locked account may receive, and a paused contract still lets accounts be locked, which moves nothing;
 * - locking what is locked, and unlocking what is not, is 1002; a lock amount above the supply is 1001.
 */
import type { Sct21Call, SymId } from '@jigeum/symverse';
import type { ContractOf } from '../state/contract-row.ts';
import type { StateReader, StateWriter } from '../state/state.ts';
import { lockKey, type LockState } from '../state/tables.ts';
import { credit, debit, holdingOf } from './holdings.ts';
import { exists, failure, isRuler, type Creation, type SctOutcome, type Within } from './outcome.ts';
import { callToken } from './sct20.ts';

type CallOf<M extends Sct21Call['method']> = Extract<Sct21Call, { method: M }>;
type On<Call> = Within<ContractOf<'sct21'>, Call>;

const UNLOCKED: LockState = { amount: 0n, isAccountLocked: false };

/** What is locked for a SymID; nothing when the contract has never locked anything of it. */
export const lockOf = (state: StateReader, contract: SymId, holder: SymId): LockState =>
  state.get('lock', lockKey(contract, holder)) ?? UNLOCKED;

/** Makes a token; the owner holds what of the supply is not locked. */
export function createSct21(state: StateWriter, { creator, address, call }: Creation<CallOf<'create'>>): SctOutcome {
  const { name, symbol, owner, amount: total, lockAmount: lock } = call;
  if (lock > total) return failure('bad-format');
  if (!exists(state, owner)) return failure('symid-unknown');
  state.set('contract', address, { template: 'sct21', creator, owner, name, symbol, total, isPaused: false, lock });
  credit(state, address, owner, total - lock);
  return null;
}

/** Runs a call on a token with locks. */
export function callSct21(state: StateWriter, on: On<Exclude<Sct21Call, { method: 'create' }>>): SctOutcome {
  const { call } = on;
  switch (call.method) {
    case 'lockTransfer':
      return lockTransfer(state, { ...on, call });
    case 'unlockAmount':
      return takeLocked(state, { ...on, call }, () => credit(state, on.address, call.to, call.amount));
    case 'restoreLockAmount':
      return takeLocked(state, { ...on, call }, () => setPool(state, on, on.contract.lock + call.amount));
    case 'addLockAmount':
      return addLockAmount(state, { ...on, call });
    case 'subLockAmount':
      return subLockAmount(state, { ...on, call });
    case 'accountLock':
    case 'accountUnlock':
      return setAccountLocked(state, on, { holder: call.to, isLocked: call.method === 'accountLock' });
    case 'transfer':
    case 'approve':
    case 'decreaseApprove':
    case 'transferFrom':
      return isLockedOut(state, { ...on, call }) ? failure('wrong-state') : callToken(state, { ...on, call });
    case 'mint':
    case 'burn':
    case 'pause':
    case 'unpause':
    case 'transferOwner':
      return callToken(state, { ...on, call });
  }
}

function isLockedOut(
  state: StateReader,
  { caller, address, call }: On<CallOf<'transfer' | 'approve' | 'decreaseApprove' | 'transferFrom'>>,
): boolean {
  const movers = call.method === 'transferFrom' ? [caller, call.from] : [caller];
  return movers.some((symId) => lockOf(state, address, symId).isAccountLocked);
}

function lockTransfer(state: StateWriter, on: On<CallOf<'lockTransfer'>>): SctOutcome {
  const { caller, address, contract, call } = on;
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  if (call.to === caller) return failure('same-symid');
  const isCovered = holdingOf(state, address, caller) >= call.amount && contract.lock >= call.lockAmount;
  if (!isCovered) return failure('balance-too-low');
  debit(state, address, caller, call.amount);
  credit(state, address, call.to, call.amount);
  setPool(state, on, contract.lock - call.lockAmount);
  const before = lockOf(state, address, call.to);
  setLock(state, address, call.to, { ...before, amount: before.amount + call.lockAmount });
  return null;
}

/** Takes locked tokens from a SymID; `give` writes where they go. */
function takeLocked(
  state: StateWriter,
  { caller, address, contract, call }: On<CallOf<'unlockAmount' | 'restoreLockAmount'>>,
  give: () => void,
): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (contract.isPaused) return failure('wrong-state');
  if (!exists(state, call.to)) return failure('symid-unknown');
  const before = lockOf(state, address, call.to);
  if (before.amount < call.amount) return failure('balance-too-low');
  setLock(state, address, call.to, { ...before, amount: before.amount - call.amount });
  give();
  return null;
}

function addLockAmount(state: StateWriter, on: On<CallOf<'addLockAmount'>>): SctOutcome {
  const { caller, address, contract, call } = on;
  if (caller !== contract.creator) return failure('not-owner');
  if (contract.isPaused) return failure('wrong-state');
  if (holdingOf(state, address, caller) < call.amount) return failure('balance-too-low');
  debit(state, address, caller, call.amount);
  setPool(state, on, contract.lock + call.amount);
  return null;
}

function subLockAmount(state: StateWriter, on: On<CallOf<'subLockAmount'>>): SctOutcome {
  const { caller, address, contract, call } = on;
  if (caller !== contract.creator) return failure('not-owner');
  if (contract.isPaused) return failure('wrong-state');
  if (contract.lock < call.amount) return failure('balance-too-low');
  setPool(state, on, contract.lock - call.amount);
  credit(state, address, caller, call.amount);
  return null;
}

function setAccountLocked(
  state: StateWriter,
  { caller, address, contract }: Omit<On<unknown>, 'call'>,
  { holder, isLocked }: { readonly holder: SymId; readonly isLocked: boolean },
): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  const before = lockOf(state, address, holder);
  if (before.isAccountLocked === isLocked) return failure('wrong-state');
  if (!exists(state, holder)) return failure('symid-unknown');
  setLock(state, address, holder, { ...before, isAccountLocked: isLocked });
  return null;
}

const setPool = (state: StateWriter, { address, contract }: Omit<On<unknown>, 'call'>, lock: bigint): void =>
  state.set('contract', address, { ...contract, lock });

function setLock(state: StateWriter, contract: SymId, holder: SymId, lock: LockState): void {
  const isEmpty = lock.amount === 0n && !lock.isAccountLocked;
  state.set('lock', lockKey(contract, holder), isEmpty ? undefined : lock);
}
