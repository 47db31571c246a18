/** `sct_*`: contracts of the built-in templates. */
import { address, nullable, object, quantity, text } from '../codec.ts';
import { atLatest, method } from './method.ts';

/** What an SCT contract is. `lock` is SCT21's, `cpoint` SCT40's; `stateCode` 0x0 is active. */
export const rpcContract = object(
  { creator: address, owner: address, name: text(), symbol: text(), state: text(), total: quantity, type: text(32) },
  { stateCode: quantity, lock: quantity, cpoint: quantity },
);

/** What one SymID holds of a contract: `balance` of tokens, and for SCT21 what is locked. */
export const rpcContractAccount = object(
  { balance: quantity },
  { lockBalance: quantity, state: text(), stateCode: quantity },
);

export const SCT_METHODS = {
  sct_getContract: method([['contract', address], atLatest], nullable(rpcContract)),
  sct_getContractAccount: method([['contract', address], ['symId', address], atLatest], nullable(rpcContractAccount)),
  sct_getAllowance: method(
    [['contract', address], ['owner', address], ['spender', address], atLatest],
    nullable(object({ balance: quantity })),
  ),
} as const;
