/**
 * Deposits (transactions of type 2): coins that a SymID sets aside as its collateral. Setting adds to what is there, restoring
 * brings back all of it.
 *
 * Documented: a deposit is not restored while its owner is warrant, CA or oracle. Here the sealer stands for the warrants: it alone
 * closes blocks. Ours: setting 0 is refused, restoring nothing changes nothing.
 */
import { CITIZEN_ROLE, type SymId, type Transaction } from '@jigeum/symverse';
import { accountOf, setAccount } from '../state/accounts.ts';
import type { StateReader, StateWriter } from '../state/state.ts';

/** What a deposit answers for. */
export type Office = 'warrant' | 'CA' | 'oracle';

const OFFICE_OF_ROLE: ReadonlyMap<bigint, Office> = new Map([
  [CITIZEN_ROLE.masterCa, 'CA'],
  [CITIZEN_ROLE.ca, 'CA'],
  [CITIZEN_ROLE.oracle, 'oracle'],
]);

/** The office of a SymID, which holds its deposit back; undefined when it has none. */
export function officeOf(state: StateReader, symId: SymId, sealer: SymId): Office | undefined {
  if (symId === sealer) return 'warrant';
  const role = state.get('citizen', symId)?.role;
  return role === undefined ? undefined : OFFICE_OF_ROLE.get(role);
}

/** Sets or restores a deposit. False when an office holds it back: the sender was given it after the pool had let him in. */
export function runDeposit(
  state: StateWriter,
  { from, to, value }: Pick<Transaction, 'from' | 'to' | 'value'>,
  sealer: SymId,
): boolean {
  const { balance, deposit, nonce } = accountOf(state, from);
  if (to === null) {
    setAccount(state, from, { balance: balance - value, deposit: deposit + value, nonce });
    return true;
  }
  if (officeOf(state, from, sealer) !== undefined) return false;
  setAccount(state, from, { balance: balance + deposit, deposit: 0n, nonce });
  return true;
}
