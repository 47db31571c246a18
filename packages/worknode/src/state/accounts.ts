/** Coins: reading and moving hug. A row of zeros is removed, so that two ways to the same state give the same roots. */
import { assert } from '@jigeum/std';
import type { SymId } from '@jigeum/symverse';
import type { StateReader, StateWriter } from './state.ts';
import type { AccountState } from './tables.ts';

const NOTHING: AccountState = { balance: 0n, nonce: 0n, deposit: 0n };

/** The coins of a SymID; zeros when the chain has never met it. */
export const accountOf = (state: StateReader, symId: SymId): AccountState => state.get('account', symId) ?? NOTHING;

/** Writes the coins of a SymID. */
export function setAccount(state: StateWriter, symId: SymId, account: AccountState): void {
  const { balance, nonce, deposit } = account;
  assert(balance >= 0n && deposit >= 0n && nonce >= 0n, `coins of ${symId} are not negative`);
  state.set('account', symId, balance === 0n && nonce === 0n && deposit === 0n ? undefined : account);
}

/** Takes hug from one SymID and gives it to another, which may be the same. The caller has checked the balance. */
export function moveCoins(state: StateWriter, from: SymId, to: SymId, amountHug: bigint): void {
  const payer = accountOf(state, from);
  setAccount(state, from, { ...payer, balance: payer.balance - amountHug });
  const payee = accountOf(state, to);
  setAccount(state, to, { ...payee, balance: payee.balance + amountHug });
}
