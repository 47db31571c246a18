/** What a transaction must be before it may wait: rules that need no other transaction. Those of nonce and funds are the pool's. */
import { assert, equalBytes, toHex0x } from '@jigeum/std';
import {
  decodeTransaction,
  estimateGas,
  GAS_PRICE_HUG,
  recoverSigner,
  SignatureError,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_TYPE,
  transactionHash,
  CITIZEN_STATUS,
  type ProtocolCrypto,
  type SymId,
  type Transaction,
} from '@jigeum/symverse';
import { mayPay } from '../citizens/citizen-chain.ts';
import { officeOf } from '../execute/deposit.ts';
import type { StateReader } from '../state/state.ts';
import type { RpcRefusal } from '@jigeum/symverse/rpc';
import type { PoolTransaction, Refused } from './mempool.ts';

export interface AdmissionDeps {
  readonly crypto: ProtocolCrypto;
  readonly state: StateReader;
  readonly chainId: bigint;
  readonly blockGasLimit: bigint;
  readonly sealer: SymId;
}

/** A transaction that may wait once its signature is known to be its sender's. */
export interface CheckedTransaction {
  readonly kind: 'checked';
  readonly tx: PoolTransaction;
}

/** An admitted transaction, or what is wrong with it. */
export type Admission = { readonly kind: 'admitted'; readonly tx: PoolTransaction } | Refused;

type Problem = readonly [reason: RpcRefusal, detail: string] | undefined;

/** Checks signed bytes by themselves and against the citizens. Pure but for reading the state. */
export function admit(deps: AdmissionDeps, raw: Uint8Array): Admission {
  const checked = checkTransaction(deps, raw, transactionHash(raw, deps.crypto.sha3));
  if (checked.kind === 'refused') return checked;
  return admitSigned(deps, checked.tx, signerOf(deps, checked.tx.transaction));
}

/** All checks but the signature, which costs ten times as much as the others together. `hash` is that of the bytes. */
export function checkTransaction(
  deps: Pick<AdmissionDeps, 'state' | 'blockGasLimit' | 'sealer'>,
  raw: Uint8Array,
  hash: Uint8Array,
): CheckedTransaction | Refused {
  const checked = checkForBlock(deps, raw, hash);
  if (checked.kind === 'refused') return checked;
  const problem = officeProblem(deps, checked.tx.transaction);
  return problem === undefined ? checked : refused(...problem);
}

/** What of these rules still holds of a transaction in a block: an office that was given after it was admitted makes it fail there. */
export function admitInBlock(deps: Omit<AdmissionDeps, 'sealer'>, raw: Uint8Array, hash: Uint8Array): Admission {
  const checked = checkForBlock(deps, raw, hash);
  if (checked.kind === 'refused') return checked;
  return admitSigned(deps, checked.tx, signerOf(deps, checked.tx.transaction));
}

function checkForBlock(
  deps: Pick<AdmissionDeps, 'state' | 'blockGasLimit'>,
  raw: Uint8Array,
  hash: Uint8Array,
): CheckedTransaction | Refused {
  let transaction: Transaction;
  try {
    transaction = decodeTransaction(raw);
  } catch (cause) {
    return refused(raw.length > TRANSACTION_BYTES_MAX ? 'too-large' : 'malformed', messageOf(cause));
  }
  const problem =
    shapeProblem(transaction) ?? gasProblem(transaction, deps.blockGasLimit) ?? peopleProblem(deps.state, transaction);
  if (problem !== undefined) return refused(...problem);
  const costMax = transaction.value + transaction.gas * transaction.gasPrice;
  return { kind: 'checked', tx: { hash, hashHex: toHex0x(hash), raw, transaction, costMax } };
}

/** Whoever made a signature: the hash of the key (20 bytes), or why no key did. */
export type Signer = Uint8Array | SignatureError;

/**
 * Admits a checked transaction whose signer has been found. The sender is looked up again: while the signature was being
 * checked, the CA may have given the SymID another key, or locked it.
 */
export function admitSigned(
  deps: Pick<AdmissionDeps, 'state' | 'chainId'>,
  tx: PoolTransaction,
  signer: Signer,
): Admission {
  const { from } = tx.transaction;
  const problem = peopleProblem(deps.state, tx.transaction);
  if (problem !== undefined) return refused(...problem);
  if (!(signer instanceof Uint8Array)) return refused('invalid-sender', signer.message);
  const keyHash = deps.state.get('citizen', from)?.keyHash;
  assert(keyHash !== undefined, 'the sender is a citizen');
  if (equalBytes(signer, keyHash)) return { kind: 'admitted', tx };
  return refused(
    'invalid-sender',
    `expected the signature of the key ${toHex0x(keyHash)} of ${from} for chain ${deps.chainId}, got one of ${toHex0x(signer)}`,
  );
}

/** Finds the signer in this thread. */
export function signerOf({ crypto, chainId }: Pick<AdmissionDeps, 'crypto' | 'chainId'>, tx: Transaction): Signer {
  try {
    return recoverSigner(tx, chainId, crypto);
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
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

function peopleProblem(state: StateReader, { from, to, type }: Transaction): Problem {
  const sender = state.get('citizen', from);
  if (sender === undefined) return ['invalid-sender', `expected a SymID that a CA has issued, got ${from}`];
  if (!mayPay(sender))
    return ['invalid-sender', `expected ${from} to be active, its status is ${statusText(sender.status)}`];
  if (type === TRANSACTION_TYPE.general && to !== null && state.get('citizen', to) === undefined) {
    return ['malformed', `expected the receiver to be a SymID that a CA has issued, got ${to}`];
  }
  return undefined;
}

function officeProblem(
  { state, sealer }: Pick<AdmissionDeps, 'state' | 'sealer'>,
  { type, from, to }: Transaction,
): Problem {
  if (type !== TRANSACTION_TYPE.deposit || to === null) return undefined;
  const office = officeOf(state, from, sealer);
  if (office === undefined) return undefined;
  return ['deposit-bound', `expected a sender who is neither warrant, CA nor oracle, got ${from}, a ${office}`];
}

/** What a CA has done to a SymID that may not pay. The chain takes no other status. */
const statusText = (status: bigint): string =>
  `${status} (${status === CITIZEN_STATUS.locked ? 'locked' : 'revoked'} by its CA)`;

const refused = (reason: RpcRefusal, detail: string): Refused => ({ kind: 'refused', reason, detail });
const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
