/**
 * `debug_*`: from fields to bytes and back. Nothing here changes the chain, and nothing is signed: a passphrase is refused.
 *
 * Ours, where documents contradict themselves: decoded integers are QUANTITY throughout (the samples of a citizen show JSON
 * numbers, too large ones among them).
 */
import { equalBytes, toHex0x } from '@jigeum/std';
import {
  citizenHash,
  decodeCitizen,
  decodeOracle,
  decodeTransaction,
  encodeCitizen,
  encodeOracle,
  encodeTransaction,
  oracleHash,
  recoverCitizenSigner,
  recoverOracleSigner,
  recoverSigner,
  transactionHash,
  type SymId,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { RPC_CODE } from '@jigeum/symverse/rpc';
import { NOBODY } from '../../citizens/citizen-chain.ts';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';
import { transactionTypeOf } from './transaction-type.ts';
import { sctInputOf } from './sct-rlp.ts';

const NOTHING = new Uint8Array(0);

/** Handlers over a node. */
export function debugHandlers({ node }: Reads): HandlersOf<'debug'> {
  const { state, genesis } = node.chain;
  const { chainId } = genesis;
  /** Whether a signature is its signer's: the sentence of the documents, or what is wrong. */
  const signatureNote = (from: SymId, recover: () => Uint8Array): string => {
    const expected = state.get('citizen', from)?.keyHash;
    if (expected === undefined) return `Fail! ${from} has no key on this chain.`;
    try {
      const signer = recover();
      if (equalBytes(signer, expected)) return 'Success! Given signature is available.';
      return `Fail! Expected the signature of the key ${toHex0x(expected)} of ${from} for chain ${chainId}, got one of ${toHex0x(signer)}.`;
    } catch (cause) {
      return `Fail! ${messageOf(cause)}`;
    }
  };
  return {
    debug_getTransactionRlp({ data, input, v = 0n, r = 0n, s = 0n, ...fields }, passphrase) {
      requireNoPassphrase(passphrase);
      return shaped(() => {
        const transaction = {
          from: fields.from,
          nonce: fields.nonce,
          gasPrice: fields.gasPrice,
          gas: fields.gas,
          to: fields.to ?? null,
          value: fields.value ?? 0n,
          input: input ?? data ?? NOTHING,
          type: transactionTypeOf('debug_getTransactionRlp', fields.type ?? 0n),
          workNodes: fields.workNodes ?? null,
          extraData: fields.extraData ?? NOTHING,
          v: parityOf(v),
          r,
          s,
        };
        const signature = signatureNote(transaction.from, () => recoverSigner(transaction, chainId, nativeCrypto));
        return { encodedResult: encodeTransaction(transaction), signature };
      });
    },
    debug_decodeTransactionRlp: (raw) =>
      shaped(() => {
        const { type, v, ...fields } = decodeTransaction(raw);
        return { ...fields, type: BigInt(type), v: BigInt(v), hash: toHex0x(transactionHash(raw)) };
      }),
    debug_getCitizenRlp({ extraData = NOTHING, v = 0n, r = 0n, s = 0n, ...fields }, passphrase) {
      requireNoPassphrase(passphrase);
      return shaped(() => {
        const citizen = { ...CITIZEN_DEFAULTS, ...fields, extra: extraData, v: parityOf(v), r, s };
        const signature = signatureNote(citizen.from, () => recoverCitizenSigner(citizen, chainId, nativeCrypto));
        return { encodedResult: encodeCitizen(citizen), signature };
      });
    },
    debug_decodeCitizenRlp: (raw) =>
      shaped(() => {
        const { v, extra, ...fields } = decodeCitizen(raw);
        return { ...fields, extraData: extra, v: BigInt(v), hash: toHex0x(citizenHash(raw)) };
      }),
    debug_getOracleRlp({ from, to = NOBODY, nonce, data, extraData = NOTHING, v = 0n, r = 0n, s = 0n }, passphrase) {
      requireNoPassphrase(passphrase);
      return shaped(() => {
        const oracle = { from, to, nonce, data, extra: extraData, v: parityOf(v), r, s };
        const signature = signatureNote(from, () => recoverOracleSigner(oracle, chainId, nativeCrypto));
        return { encodedResult: encodeOracle(oracle), signature };
      });
    },
    debug_decodeOracleRlp: (raw) =>
      shaped(() => {
        const { v, extra, ...fields } = decodeOracle(raw);
        return { ...fields, extraData: extra, v: BigInt(v), hash: toHex0x(oracleHash(raw)) };
      }),
    debug_getSCTRlp: (call) => shaped(() => sctInputOf(call)),
  };
}

/** What a citizen's record holds where the documents call a field optional. */
const CITIZEN_DEFAULTS = {
  vFlag: 0n,
  country: 0n,
  status: 1n,
  credit: 0n,
  role: 1n,
  refCode: 0n,
  writeTime: 0n,
};

function requireNoPassphrase(passphrase: string | null): void {
  if (passphrase === null) return;
  throw invalid('expected no passphrase: debug_* signs nothing; sign elsewhere and pass v, r and s');
}

function parityOf(v: bigint): 0 | 1 {
  if (v === 0n || v === 1n) return v === 0n ? 0 : 1;
  throw invalid(`expected v to be 0 or 1, got ${v}`);
}

/** Bytes and fields that have no form are the caller's mistake. */
function shaped<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw cause instanceof RpcFault ? cause : invalid(messageOf(cause));
  }
}

const invalid = (message: string): RpcFault => new RpcFault({ code: RPC_CODE.invalidParams, message });
const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
