/** TRANSFER_OWNER, which every template has: the creator stays, with all rights of an owner. */
import type { SymId } from '@jigeum/symverse';
import type { ContractState } from '../state/contract-row.ts';
import type { StateWriter } from '../state/state.ts';
import { exists, failure, isRuler, type SctOutcome, type Within } from './outcome.ts';

/** Names a new owner. Refuses the present one with 4001. */
export function transferOwner(
  state: StateWriter,
  { caller, address, contract }: Omit<Within<ContractState, unknown>, 'call'>,
  to: SymId,
): SctOutcome {
  if (!isRuler(contract, caller)) return failure('not-owner');
  if (!exists(state, to)) return failure('symid-unknown');
  if (to === contract.owner) return failure('same-symid');
  state.set('contract', address, { ...contract, owner: to });
  return null;
}
