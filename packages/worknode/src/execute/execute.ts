/**
 * Runs one transaction on a state and says what became of it.
 *
 * Gas is exact and known beforehand: base and data, and for contract calls the operation. A failed call pays for its operation
 * too, except when there is no such contract (documented: 1000 pays base and data) or the input is no call. The fee goes to
 * the sealer, so that coins are never made or destroyed after genesis (ours: SymReward is not published).
 */
import { assert } from '@jigeum/std';
import {
  contractAddress,
  decodeSctCall,
  intrinsicGas,
  SCT_ERR,
  sctGas,
  SctInputError,
  TRANSACTION_TYPE,
  type ContractAddressRule,
  type Receipt,
  type SctErrCode,
  type Sha3,
  type SymId,
  type Transaction,
} from '@jigeum/symverse';
import { accountOf, moveCoins, setAccount } from '../state/accounts.ts';
import type { StateReader, StateWriter } from '../state/state.ts';
import { runDeposit } from './deposit.ts';
import { callContract, createContract } from '../sct/run-call.ts';

export interface ExecutionEnv {
  /** Receives the fees. */
  readonly sealer: SymId;
  readonly contractAddressRule: ContractAddressRule;
  readonly sha3: Sha3;
}

/** True when the sender has the right nonce and can pay the most that the transaction may cost. */
export function isExecutable(state: StateReader, transaction: Transaction): boolean {
  const { balance, nonce } = accountOf(state, transaction.from);
  return nonce === transaction.nonce && balance >= transaction.value + transaction.gas * transaction.gasPrice;
}

/** Runs a transaction that `isExecutable` and was admitted. Its only effects are on the state. */
export function execute(
  state: StateWriter,
  env: ExecutionEnv,
  input: { readonly transaction: Transaction; readonly gasBefore: bigint },
): Receipt {
  const { transaction, gasBefore } = input;
  const { from, gasPrice, gas } = transaction;
  assert(isExecutable(state, transaction), `transaction ${transaction.nonce} of ${from} is executable`);

  const sender = accountOf(state, from);
  setAccount(state, from, { ...sender, nonce: sender.nonce + 1n });
  const result = run(state, env, transaction);
  assert(result.gasUsed <= gas, `transaction ${transaction.nonce} of ${from} stays within its gas limit`);
  moveCoins(state, from, env.sealer, result.gasUsed * gasPrice);
  return {
    status: result.isSuccess ? 1 : 0,
    errCode: BigInt(result.errCode ?? 0),
    gasUsed: result.gasUsed,
    cumulativeGasUsed: gasBefore + result.gasUsed,
    contractAddress: result.contract,
    logs: [],
  };
}

interface Result {
  readonly isSuccess: boolean;
  /** Why a contract call failed; only those have codes. */
  readonly errCode: SctErrCode | null;
  readonly gasUsed: bigint;
  readonly contract: SymId | null;
}

function run(state: StateWriter, env: ExecutionEnv, transaction: Transaction): Result {
  const { from, to, value, type } = transaction;
  if (type === TRANSACTION_TYPE.sct) return runContract(state, env, transaction);

  const spent = { errCode: null, gasUsed: intrinsicGas(transaction), contract: null };
  if (type === TRANSACTION_TYPE.deposit) return { ...spent, isSuccess: runDeposit(state, transaction, env.sealer) };

  assert(to !== null, 'a general transaction has a receiver');
  // To oneself, or of nothing, is a transfer like any other: it pays its fee and changes no balance beside.
  moveCoins(state, from, to, value);
  return { ...spent, isSuccess: true };
}

function runContract(state: StateWriter, env: ExecutionEnv, transaction: Transaction): Result {
  const { from, to, input, nonce } = transaction;
  const intrinsic = intrinsicGas(transaction);
  const failed = (errCode: SctErrCode, used: bigint): Result => ({
    isSuccess: false,
    errCode,
    gasUsed: used,
    contract: null,
  });
  const notFound = failed(SCT_ERR['contract-not-found'], intrinsic);
  const contract = to === null ? undefined : state.get('contract', to);
  if (to !== null && contract === undefined) return notFound;

  let gasUsed = intrinsic;
  try {
    const call = decodeSctCall(input);
    gasUsed += sctGas(call);
    const address = to ?? contractAddress(from, nonce, env.contractAddressRule, env.sha3);
    const errCode =
      contract === undefined
        ? createContract(state, { creator: from, address, call })
        : callContract(state, { caller: from, address, contract, call });
    if (errCode === SCT_ERR['contract-not-found']) return notFound;
    if (errCode !== null) return failed(errCode, gasUsed);
    return { isSuccess: true, errCode, gasUsed, contract: contract === undefined ? address : null };
  } catch (error) {
    if (!(error instanceof SctInputError)) throw error;
    return failed(error.errCode, gasUsed);
  }
}
