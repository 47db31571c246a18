/**
 * Makes a chain again from its genesis, in memory, and compares it with the given one: every transaction is decoded, its
 * signature checked and executed; every receipt, root, hash and seal is computed and must be the same byte for byte.
 *
 * What is not compared is `extra` of the headers, in which the program that made a block says its name: hash and seal cover it,
 * no rule does. Nobody seals citizen blocks: their records are signed by their CA, and the next main block names the newest one.
 */
import { equalBytes, toHex0x } from '@jigeum/std';
import {
  citizenHeaderHash,
  decodeCitizenHeader,
  decodeHeader,
  encodeHeader,
  transactionHash,
  type BlockHeader,
  type CitizenBlockHeader,
  type ProtocolCrypto,
} from '@jigeum/symverse';
import { buildBlock } from '../block/build-block.ts';
import { changesOf, firstBlocks, type ChainHead, type CitizenHead } from '../chain.ts';
import { buildCitizenBlock, checkCitizen, createKeyIndex } from '../citizens/citizen-chain.ts';
import { isSealedBy } from '../consensus/sealer.ts';
import type { ExecutionEnv } from '../execute/execute.ts';
import type { Genesis } from '../genesis.ts';
import { admitInBlock } from '../mempool/admission.ts';
import type { PoolTransaction } from '../mempool/mempool.ts';
import { createState, type State } from '../state/state.ts';
import type { StateChange, StoredBlock, StoredCitizenBlock } from '../storage/storage.ts';

export interface Replay {
  /** The state after the last block that was added. */
  readonly state: State;
  readonly head: ChainHead;
  readonly citizenHead: CitizenHead;
  /** Checks the next block and applies it. Gives the rows that it changes. Throws `DifferentChainError`. */
  addBlock(block: StoredBlock): StateChange[];
  /** The same for the next block of the citizen chain. Blocks are added in the order in which they were made. */
  addCitizenBlock(block: StoredCitizenBlock): StateChange[];
}

/** A block that does not follow from those before it. */
export class DifferentChainError extends Error {
  override readonly name = 'DifferentChainError';
  readonly chain: 'main' | 'citizen';
  readonly block: number;
  constructor(chain: 'main' | 'citizen', block: number, what: string, options?: ErrorOptions) {
    super(`${chain === 'main' ? 'Block' : 'Citizen block'} ${block} differs: ${what}.`, options);
    this.chain = chain;
    this.block = block;
  }
}

/** Begins with both blocks 0 of a chain, which must follow from its genesis. */
export function beginReplay(
  deps: { readonly genesis: Genesis; readonly crypto: ProtocolCrypto },
  first: { readonly block: StoredBlock; readonly citizenBlock: StoredCitizenBlock },
): { readonly replay: Replay; readonly changes: readonly StateChange[] } {
  const { genesis, crypto } = deps;
  const { sha3 } = crypto;
  const header = readHeader(first.block);
  // The gas limit is not in the genesis: it belongs to the node that began the chain.
  const expected = firstBlocks(genesis, header.gasLimit, sha3);
  requireSameCitizenBlock(expected.citizenBlock, first.citizenBlock, crypto);
  requireSameHeader(decodeHeader(expected.block.header), header, first.block);
  requireHash(first.block, header, crypto);
  if (first.block.sign.length > 0 || first.block.transactions.length > 0)
    throw new DifferentChainError('main', 0, 'expected neither seal nor transactions in the genesis block');

  const state = createState([], sha3);
  state.apply(expected.state);
  const replay = replayOver(deps, state, {
    head: headOf(first.block, header),
    citizenHead: citizenHeadOf(first.citizenBlock),
  });
  return { replay, changes: expected.state.map((row) => ({ ...row, before: undefined })) };
}

function replayOver(
  { genesis, crypto }: { readonly genesis: Genesis; readonly crypto: ProtocolCrypto },
  state: State,
  heads: { readonly head: ChainHead; readonly citizenHead: CitizenHead },
): Replay {
  const { chainId, sealer, ca } = genesis;
  const { sha3 } = crypto;
  const env: ExecutionEnv = { sealer: sealer.symId, contractAddressRule: genesis.contractAddressRule, sha3 };
  const keys = createKeyIndex(state);
  let { head, citizenHead } = heads;

  const admitted = (block: StoredBlock, gasLimit: bigint): PoolTransaction[] =>
    block.transactions.map(({ raw, hash }, index) => {
      const differs = (what: string) =>
        new DifferentChainError('main', block.number, `transaction ${index} (${toHex0x(hash)}): ${what}`);
      if (!equalBytes(transactionHash(raw, sha3), hash)) throw differs('its hash is not that of its bytes');
      const admission = admitInBlock({ crypto, state, chainId, blockGasLimit: gasLimit }, raw, hash);
      if (admission.kind === 'refused') throw differs(`${admission.reason}: ${admission.detail}`);
      return admission.tx;
    });

  return {
    state,
    get head() {
      return head;
    },
    get citizenHead() {
      return citizenHead;
    },
    addBlock(block) {
      const { number, hash, sign } = block;
      const header = readHeader(block);
      requireHash(block, header, crypto);
      if (!isSealedBy(crypto, { blockHash: hash, sign, sealerKeyHash: sealer.keyHash }))
        throw new DifferentChainError('main', number, `it was not sealed by ${sealer.symId}`);
      const { gasLimit, time } = header;
      const waiting = admitted(block, gasLimit);
      const built = buildBlock(
        state,
        env,
        { symId: sealer.symId, seal: () => sign },
        { parent: head, citizenHead, time: Number.parseInt(time.toString(), 10), gasLimit },
        waiting,
      );
      requireAllExecuted(block, built.included);
      block.transactions.forEach((row, index) => {
        if (!equalBytes(built.block.transactions[index]!.receipt, row.receipt))
          throw new DifferentChainError('main', number, `the receipt of transaction ${index} (${toHex0x(row.hash)})`);
      });
      requireSameHeader(built.header, header, block);
      const changes = changesOf(state, built.state);
      state.apply(built.state);
      head = headOf(block, header);
      return changes;
    },
    addCitizenBlock(block) {
      const [row] = block.citizens;
      if (block.citizens.length !== 1 || row === undefined)
        throw new DifferentChainError('citizen', block.number, `expected one record, got ${block.citizens.length}`);
      const record = checkCitizen({ crypto, chainId, ca: ca.symId, state, keys }, row.raw);
      if (record.kind === 'refused') throw new DifferentChainError('citizen', block.number, record.text);
      const input = { parent: citizenHead, mainNumber: head.header.number, record, sha3 };
      const built = buildCitizenBlock(state, input);
      requireSameCitizenBlock(built.block, block, crypto);
      const { symId, aKeyPubH } = record.citizen;
      const before = state.get('citizen', symId);
      const changes = changesOf(state, built.state);
      state.apply(built.state);
      if (before !== undefined) keys.remove(before.keyHash);
      keys.put(aKeyPubH, symId);
      citizenHead = citizenHeadOf(block);
      return changes;
    },
  };
}

const citizenHeadOf = ({ number, hash, header }: StoredCitizenBlock): CitizenHead => ({ number, hash, header });

const headOf = ({ number, hash, sign }: StoredBlock, header: BlockHeader): ChainHead => ({
  number,
  hash,
  header,
  sign,
});

function readHeader(block: StoredBlock): BlockHeader {
  try {
    return decodeHeader(block.header);
  } catch (cause) {
    throw new DifferentChainError('main', block.number, `its header cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function requireHash({ number, hash, header: raw }: StoredBlock, header: BlockHeader, crypto: ProtocolCrypto): void {
  if (!equalBytes(encodeHeader(header), raw))
    throw new DifferentChainError('main', number, 'its header is not written in the one way that is allowed');
  if (!equalBytes(crypto.sha3(raw), hash))
    throw new DifferentChainError('main', number, 'its hash is not that of its header');
}

function requireAllExecuted({ number, transactions }: StoredBlock, included: readonly PoolTransaction[]): void {
  const index = transactions.findIndex(({ hash }, at) => {
    const same = included[at];
    return same === undefined || !equalBytes(same.hash, hash);
  });
  if (index < 0) return;
  const hashHex = toHex0x(transactions[index]!.hash);
  throw new DifferentChainError(
    'main',
    number,
    `transaction ${index} (${hashHex}) cannot be executed: wrong nonce, too few coins or too much gas`,
  );
}

function requireSameHeader(expected: BlockHeader, got: BlockHeader, { number, transactions }: StoredBlock): void {
  const name = differentField(expected, got);
  if (name === undefined) return;
  throw new DifferentChainError(
    'main',
    number,
    `${name} is ${textOf(got[name])}, but ${transactions.length} transactions on the block before it give ${textOf(expected[name])}`,
  );
}

function requireSameCitizenBlock(
  expected: StoredCitizenBlock,
  got: StoredCitizenBlock,
  { sha3 }: ProtocolCrypto,
): void {
  const differs = (what: string, cause?: unknown) => new DifferentChainError('citizen', got.number, what, { cause });
  let header: CitizenBlockHeader;
  try {
    header = decodeCitizenHeader(got.header);
  } catch (cause) {
    throw differs(`its header cannot be read: ${messageOf(cause)}`, cause);
  }
  const wanted = decodeCitizenHeader(expected.header);
  const name = differentField(wanted, header);
  if (name !== undefined) throw differs(`${name} is ${textOf(header[name])}, expected ${textOf(wanted[name])}`);
  if (!equalBytes(citizenHeaderHash(header, sha3), sha3(got.header)))
    throw differs('its header is not written in the one way that is allowed');
  if (!equalBytes(sha3(got.header), got.hash)) throw differs('its hash is not that of its header');
  const index = expected.citizens.findIndex((row, at) => {
    const other = got.citizens[at];
    return other === undefined || !equalBytes(row.raw, other.raw) || !equalBytes(row.hash, other.hash);
  });
  if (index >= 0 || expected.citizens.length !== got.citizens.length) throw differs(`record ${Math.max(index, 0)}`);
}

/** The first field but `extra` that is not the same. */
function differentField<T extends { readonly extra: Uint8Array }>(expected: T, got: T): keyof T | undefined {
  return (Object.keys(expected) as (keyof T)[]).find(
    (name) => name !== 'extra' && textOf(expected[name]) !== textOf(got[name]),
  );
}

const textOf = (value: unknown): string => (value instanceof Uint8Array ? toHex0x(value) : String(value));
const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
