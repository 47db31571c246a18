/**
 * What a call of any template is given and comes to.
 *
 * Each method decides first and writes last, so that a refused call leaves nothing behind. The checks of every method come
 * in one order: 1000 no such contract, 1001 and 3001 format, 3002 too many items, 1003 not owner or creator, 1002 paused or
 * locked, 4000 unknown SymID, 4001 the same SymID, 2001 allowance, 2000 balance or no such item, 3000 state of the item.
 * Ours: the documents name the codes, not their order.
 */
import { SCT_ERR, type SctErrCode, type SctFailureName, type SymId } from '@jigeum/symverse';
import type { StateReader } from '../state/state.ts';
import type { ContractState } from '../state/contract-row.ts';

/** Null for success, else the receipt's error code. */
export type SctOutcome = SctErrCode | null;

/** A call within an existing contract. */
export interface Within<Contract extends ContractState, Call> {
  readonly caller: SymId;
  readonly address: SymId;
  readonly contract: Contract;
  readonly call: Call;
}

/** A call that makes a contract at an address where none is. */
export interface Creation<Call> {
  readonly creator: SymId;
  readonly address: SymId;
  readonly call: Call;
}

/** The refusal of this name. */
export const failure = (name: SctFailureName): SctErrCode => SCT_ERR[name];

/** True when a CA has issued the SymID. */
export const exists = (state: StateReader, symId: SymId): boolean => state.get('citizen', symId) !== undefined;

/** True for those two who may rule a contract. */
export const isRuler = (contract: ContractState, caller: SymId): boolean =>
  caller === contract.owner || caller === contract.creator;
