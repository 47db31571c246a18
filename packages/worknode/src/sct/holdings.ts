/** Holdings and allowances of tokens: reading and moving them. Callers have checked that there is enough. */
import { assert } from '@jigeum/std';
import type { SymId } from '@jigeum/symverse';
import type { StateReader, StateWriter } from '../state/state.ts';
import { allowanceKey, holdingKey } from '../state/tables.ts';

/** What an amount of 256 bits can hold: more cannot be written in a call. */
export const SUPPLY_MAX = (1n << 256n) - 1n;

/** Tokens of a holder; zero when it never had any. */
export const holdingOf = (state: StateReader, contract: SymId, holder: SymId): bigint =>
  state.get('holding', holdingKey(contract, holder)) ?? 0n;

/** What a spender may still move of an owner's tokens. */
export const allowanceOf = (state: StateReader, contract: SymId, owner: SymId, spender: SymId): bigint =>
  state.get('allowance', allowanceKey(contract, owner, spender)) ?? 0n;

/** Adds tokens to a holder. */
export const credit = (state: StateWriter, contract: SymId, holder: SymId, amount: bigint): void =>
  setHolding(state, contract, holder, holdingOf(state, contract, holder) + amount);

/** Takes tokens from a holder. */
export const debit = (state: StateWriter, contract: SymId, holder: SymId, amount: bigint): void =>
  setHolding(state, contract, holder, holdingOf(state, contract, holder) - amount);

/** Sets what a spender may move. */
export function setAllowance(
  state: StateWriter,
  contract: SymId,
  between: { readonly owner: SymId; readonly spender: SymId; readonly amount: bigint },
): void {
  const { owner, spender, amount } = between;
  state.set('allowance', allowanceKey(contract, owner, spender), amount === 0n ? undefined : amount);
}

function setHolding(state: StateWriter, contract: SymId, holder: SymId, amount: bigint): void {
  assert(amount >= 0n, `the holding of ${holder} in ${contract} is not negative`);
  state.set('holding', holdingKey(contract, holder), amount === 0n ? undefined : amount);
}
