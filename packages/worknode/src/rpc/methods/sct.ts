/** `sct_*`: contracts of the built-in templates. */
import { allowanceOf, holdingOf } from '../../sct/holdings.ts';
import type { HandlersOf, Reads } from '../reads.ts';
import { contractView } from '../views.ts';

/** Handlers over a node. */
export const sctHandlers = ({ stateAt }: Reads): HandlersOf<'sct'> => ({
  sct_getContract(contract, tag) {
    const found = stateAt(tag).get('contract', contract);
    return found === undefined ? null : contractView(found);
  },
  sct_getContractAccount(contract, symId, tag) {
    const state = stateAt(tag);
    return state.get('contract', contract) === undefined ? null : { balance: holdingOf(state, contract, symId) };
  },
  sct_getAllowance(contract, owner, spender, tag) {
    const state = stateAt(tag);
    return state.get('contract', contract) === undefined
      ? null
      : { balance: allowanceOf(state, contract, owner, spender) };
  },
});
