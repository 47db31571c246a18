/** What a transaction must be before it may wait: rules that need no other transaction. Those of nonce and funds are the pool's. */
import { equalBytes, toHex0x } from '@jigeum/std';
import {
  decodeTransaction,
  estimateGas,
  GAS_PRICE_HUG,
  recoverSigner,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_TYPE,
  transactionHash,
  CITIZEN_ACTIVE,
  type ProtocolCrypto,
  type Transaction,
} from '@jigeum/symverse';
import type { StateReader } from '../state/state.ts';
import type { RpcRefusal } from '@jigeum/symverse/rpc';
import type { PoolTransaction, Refused } from './mempool.ts';

export interface AdmissionDeps {
  readonly crypto: ProtocolCrypto;
  readonly state: StateReader;
  readonly chainId: bigint;
  readonly blockGasLimit: bigint;
}

/** An admitted transaction, or what is wrong with it. */
export type Admission = { readonly kind: 'admitted'; readonly tx: PoolTransaction } | Refused;

type Problem = readonly [reason: RpcRefusal, detail: string] | undefined;

/** Checks signed bytes by themselves and against the citizens. Pure but for reading the state. */
export function admit(deps: AdmissionDeps, raw: Uint8Array): Admission {
  let transaction: Transaction;
  try {
    transaction = decodeTransaction(raw);
  } catch (cause) {
    const reason = raw.length > TRANSACTION_BYTES_MAX ? 'too-large' : 'malformed';
    return { kind: 'refused', reason, detail: cause instanceof Error ? cause.message : String(cause) };
  }
  const problem =
    shapeProblem(transaction) ?? gasProblem(transaction, deps.blockGasLimit) ?? peopleProblem(deps, transaction);
  if (problem !== undefined) return { kind: 'refused', reason: problem[0], detail: problem[1] };
  const hash = transactionHash(raw, deps.crypto.sha3);
  const costMax = transaction.value + transaction.gas * transaction.gasPrice;
  return { kind: 'admitted', tx: { hash, hashHex: toHex0x(hash), raw, transaction, costMax } };
}

function shapeProblem({ type, to, from, value, input, workNodes }: Transaction): Problem {
  const malformed = (detail: string): Problem => ['malformed', detail];
  if (workNodes !== null && workNodes.length > 1)
    return malformed(`expected at most 1 work node, got ${workNodes.length}`);
  if (type === TRANSACTION_TYPE.general && to === null) {
    return malformed(
      'expected a receiver; this node runs no EVM code, so that only a transaction of type 1 creates a contract',
    );
  }
  if (type === TRANSACTION_TYPE.sct && value !== 0n)
    return malformed(`expected value 0 in a contract transaction, got ${value}`);
  if (type !== TRANSACTION_TYPE.deposit) return undefined;

  if (input.length > 0) return malformed(`expected no input in a deposit, got ${input.length} bytes`);
  if (to === null && value === 0n) return malformed('expected a value above 0 to deposit, got 0');
  if (to !== null && to !== from) {
    return malformed(`expected the receiver of a deposit to be empty (set) or the sender ${from} (restore), got ${to}`);
  }
  if (to !== null && value !== 0n) return malformed(`expected value 0 to restore a deposit, got ${value}`);
  return undefined;
}

function gasProblem(transaction: Transaction, blockGasLimit: bigint): Problem {
  const { gas, gasPrice } = transaction;
  if (gasPrice !== GAS_PRICE_HUG)
    return ['wrong-gas-price', `expected the fixed gas price of ${GAS_PRICE_HUG} hug (100 GHug), got ${gasPrice}`];
  const needed = estimateGas(transaction);
  if (gas < needed) return ['gas-too-low', `expected a gas limit of ${needed} or more, got ${gas}`];
  if (gas > blockGasLimit)
    return ['gas-over-block-limit', `expected a gas limit of ${blockGasLimit} or less, got ${gas}`];
  return undefined;
}

function peopleProblem({ crypto, state, chainId }: AdmissionDeps, transaction: Transaction): Problem {
  const { from, to, type } = transaction;
  const sender = state.get('citizen', from);
  if (sender === undefined) return ['invalid-sender', `expected a SymID that a CA has issued, got ${from}`];
  if (sender.status !== CITIZEN_ACTIVE)
    return ['invalid-sender', `expected ${from} to be active (status 1), its status is ${sender.status}`];
  if (type === TRANSACTION_TYPE.general && to !== null && state.get('citizen', to) === undefined) {
    return ['malformed', `expected the receiver to be a SymID that a CA has issued, got ${to}`];
  }
  let signer: Uint8Array;
  try {
    signer = recoverSigner(transaction, chainId, crypto);
  } catch (cause) {
    return ['invalid-sender', cause instanceof Error ? cause.message : String(cause)];
  }
  if (equalBytes(signer, sender.keyHash)) return undefined;
  return [
    'invalid-sender',
    `expected the signature of the key ${toHex0x(sender.keyHash)} of ${from} for chain ${chainId}, got one of ${toHex0x(signer)}`,
  ];
}
