/**
 * `personal_*`, `sym_sign`, `sym_sendTransaction`, deposits and `citizen_sendCitizen`: what the node signs with keys that it
 * keeps. Served only by a node that was started for it.
 *
 * Ours, where documents are silent or contradict each other:
 * - A gas limit that is left out is what the transaction needs, exactly. The documented default of 90,000 is too small for
 *   every creation of a contract and too large for all else.
 * - `sym_sign` signs SHA3-256("\x19Symverse Signed Message:\n" + length + message): the documents write "sha256", but every other
 *   hash of the chain is SHA3-256; sym-tools hashes the message first, the Java library uses Ethereum's prefix. The result is
 *   r (32 bytes), s (32), v (27 or 28), as the documents' sample ends.
 * - `personal_importRawKey` has no SymID among its parameters: it is the one to which a CA has bound the key.
 */
import { concatBytes, type Clock } from '@jigeum/std';
import {
  CITIZEN_ROLE,
  CITIZEN_STATUS,
  estimateGas,
  GAS_PRICE_HUG,
  keyHash,
  signatureToBytes,
  signCitizen,
  signTransaction,
  type UnsignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import {
  refusal,
  RPC_CODE,
  type RpcHandlers,
  type RpcKeyMethod,
  type RpcTransactionRequest,
} from '@jigeum/symverse/rpc';
import { authorityNonce, NOBODY } from '../../citizens/citizen-chain.ts';
import { KeyringRefusal, privateKeyOf, type Keyring } from '../../keys/keyring.ts';
import { createTurns } from '../../keys/turns.ts';
import type { WorkNode } from '../../node.ts';
import { RpcFault } from '../fault.ts';
import { transactionTypeOf } from './transaction-type.ts';

type KeyHandlers = Pick<RpcHandlers, RpcKeyMethod | 'sym_accounts'>;

/** Transactions that wait for the one before them: each takes a few milliseconds, or a second with its passphrase. */
const SENDS_MAX = 256;
const NOTHING = new Uint8Array(0);

/** Handlers over a node and its keyring. */
export function keyHandlers(node: WorkNode, keyring: Keyring, clock: Clock): KeyHandlers {
  const { chain, pool } = node;
  const { chainId } = chain.genesis;
  /** Two sends at once would take the same nonce: each is answered before the next is numbered. */
  const inTurn = createTurns(
    SENDS_MAX,
    () => new KeyringRefusal(`busy: ${SENDS_MAX} transactions wait to be signed; ask again later`),
  );

  const send = (
    request: RpcTransactionRequest,
    withKey: <T>(use: (privateKey: Uint8Array) => T) => T | Promise<T>,
  ): Promise<`0x${string}`> =>
    refusing(() =>
      inTurn(async () => {
        const unsigned = completed(request);
        const { raw } = await withKey((key) => signTransaction(unsigned, chainId, key, nativeCrypto));
        const outcome = await node.submit(raw);
        if (outcome.kind === 'refused') throw new RpcFault(refusal(outcome.reason, outcome.detail));
        if (outcome.kind === 'already-known') throw new RpcFault(refusal('already-known', outcome.hash));
        return outcome.hash;
      }),
    );

  const completed = ({ data, input, ...request }: RpcTransactionRequest): UnsignedTransaction => {
    const type = transactionTypeOf('sym_sendTransaction', request.type ?? 0n);
    const to = request.to ?? null;
    const bytes = input ?? data ?? NOTHING;
    return {
      from: request.from,
      to,
      type,
      input: bytes,
      nonce: request.nonce ?? pool.nextNonce(request.from),
      gas: request.gas ?? estimateGas({ to, input: bytes, type }),
      gasPrice: request.gasPrice ?? GAS_PRICE_HUG,
      value: request.value ?? 0n,
      workNodes: request.workNodes ?? [chain.genesis.sealer.symId],
      extraData: NOTHING,
    };
  };
  const sendUnlocked = (request: RpcTransactionRequest) =>
    send(request, (use) => keyring.withUnlocked(request.from, use));

  return {
    sym_accounts: () => keyring.list(),
    personal_listAccounts: () => keyring.list(),
    personal_newAccount: (symId, passphrase) =>
      refusing(async () => {
        await keyring.create(symId, passphrase);
        return symId;
      }),
    personal_importRawKey: (text, passphrase) =>
      refusing(async () => {
        const key = privateKeyOf(text);
        try {
          const symId = chain.symIdOfKey(keyHash(nativeCrypto.publicKey(key), nativeCrypto.sha3));
          if (symId === undefined)
            throw new KeyringRefusal(
              'unknown key: expected one whose hash a CA has bound to a SymID; ask the CA first',
            );
          await keyring.add(symId, key, passphrase);
          return symId;
        } finally {
          key.fill(0);
        }
      }),
    personal_unlockAccount: (symId, passphrase, seconds) =>
      refusing(async () => {
        await keyring.unlock(symId, passphrase, seconds);
        return true;
      }),
    personal_lockAccount(symId) {
      keyring.lock(symId);
      return true;
    },
    personal_sendTransaction: (request, passphrase) =>
      send(request, (use) => keyring.withPassphrase(request.from, passphrase, use)),
    sym_sendTransaction: sendUnlocked,
    sym_setDeposit: (from, value) => sendUnlocked({ from, value, type: 2n }),
    sym_restoreDeposit: (from) => sendUnlocked({ from, to: from, type: 2n }),
    sym_sign: (symId, message) => refusing(async () => keyring.withUnlocked(symId, (key) => signMessage(message, key))),
    citizen_sendCitizen: ({ from, to = NOBODY, nonce, ...fields }) =>
      refusing(async () => {
        const record = {
          ...CITIZEN_DEFAULTS,
          ...fields,
          from,
          to,
          nonce: nonce ?? authorityNonce(chain.state, from),
          writeTime: BigInt(Math.floor(clock.nowMs() / 1000)),
          extra: NOTHING,
        };
        const { raw } = keyring.withUnlocked(from, (key) => signCitizen(record, chainId, key, nativeCrypto));
        const outcome = node.submitCitizen(raw);
        if (outcome.kind === 'recorded') return outcome.hash;
        throw new RpcFault({ code: RPC_CODE.serverError, message: outcome.text });
      }),
  };
}

/** The documents' defaults. */
const CITIZEN_DEFAULTS = {
  vFlag: 0n,
  country: 0n,
  status: CITIZEN_STATUS.active,
  credit: 0n,
  role: CITIZEN_ROLE.general,
  refCode: 0n,
} as const;

function signMessage(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(`\x19Symverse Signed Message:\n${message.length}`);
  const signature = nativeCrypto.sign(nativeCrypto.sha3(concatBytes(prefix, message)), privateKey);
  return concatBytes(signatureToBytes(signature), Uint8Array.of(27 + signature.v));
}

/** What the keyring refuses is told to the caller. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KeyringRefusal)) throw error;
    throw new RpcFault({ code: RPC_CODE.serverError, message: error.message });
  }
}
