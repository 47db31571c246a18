/** The chain of one node on its storage: opens and checks it, adds blocks and records, answers questions. No clock, no network. */
import { assert, equalBytes } from '@jigeum/std';
import { decodeHeader, type BlockHeader, type ProtocolCrypto, type Sha3, type SymId } from '@jigeum/symverse';
import { buildBlock, genesisBlock, type BuiltBlock } from './block/build-block.ts';
import {
  buildCitizenBlock,
  checkCitizen,
  citizenStateRoot,
  createKeyIndex,
  genesisCitizens,
  type CheckedCitizen,
} from './citizens/citizen-chain.ts';
import { isSealedBy, singleSealer } from './consensus/sealer.ts';
import type { ExecutionEnv } from './execute/execute.ts';
import { genesisText, parseRules, storedGenesis, type ChainRules, type Genesis } from './genesis.ts';
import { createGenesisTokens } from './genesis-tokens.ts';
import type { PoolTransaction } from './mempool/mempool.ts';
import { createState, type State, type StateReader, type StateRow } from './state/state.ts';
import { setAccount } from './state/accounts.ts';
import { decodeValue, encodeValue } from './state/tables.ts';
import {
  DamagedStorageError,
  type NodeStorage,
  type StateChange,
  type StatePoint,
  type StoredBlock,
  type StoredCitizenBlock,
  type StoredCitizenHead,
  type StoredHead,
} from './storage/storage.ts';

/** The newest main block. */
export interface ChainHead {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly header: BlockHeader;
  /** 64 bytes of the sealer, or none in the genesis block. */
  readonly sign: Uint8Array;
}

/** The newest citizen block. */
export type CitizenHead = StoredCitizenHead;

export interface Chain {
  readonly genesis: ChainRules;
  readonly storage: Omit<NodeStorage, 'commit' | 'close'>;
  /** The state after the newest block; its proofs hang on the roots of that block's header. */
  readonly state: Pick<State, 'get' | 'prove'>;
  /**
   * The state when this block was the newest of its chain. Reading a row throws `PrunedHistoryError` where history was removed.
   */
  stateAt(point: StatePoint): StateReader;
  head(): ChainHead;
  citizenHead(): CitizenHead;
  symIdOfKey(keyHash: Uint8Array): SymId | undefined;
  citizenCount(): number;
  /** Builds, commits and applies the next block. When storage refuses, nothing has changed. */
  addBlock(input: {
    readonly time: number;
    readonly gasLimit: bigint;
    readonly waiting: Iterable<PoolTransaction>;
  }): BuiltBlock;
  checkCitizen(raw: Uint8Array): ReturnType<typeof checkCitizen>;
  /** Commits and applies a checked record in a citizen block of its own. */
  addCitizen(record: CheckedCitizen): StoredCitizenBlock;
}

export interface ChainOptions {
  /** Left out for the chain that the storage has. */
  readonly genesis: Genesis | undefined;
  /** 32 bytes: the key of the genesis's sealer. */
  readonly sealerKey: Uint8Array;
  readonly crypto: ProtocolCrypto;
  readonly storage: NodeStorage;
  /** Of block 0. */
  readonly gasLimit: bigint;
}

/**
 * Opens the chain in a storage, or begins it in an empty one. An existing chain is checked: that each block names the one
 * before it, the seal of the newest block, and the state against the newest roots. Throws `DamagedStorageError`, or
 * `ForeignChainError` for another genesis.
 */
export function openChain(options: ChainOptions): Chain {
  const { genesis, sealerKey, crypto, storage, gasLimit } = options;
  if (genesis !== undefined) beginOrCompare({ genesis, crypto, storage, gasLimit });
  const rules = storage.rules();
  assert(rules !== undefined, 'a chain is opened with its genesis, or has begun');
  return openBegun({ rules: parseRules(rules), sealerKey, crypto, storage });
}

/** Apart from `openChain`, so that nothing of the chain's life keeps the lists of its genesis alive. */
function openBegun(input: {
  readonly rules: ChainRules;
  readonly sealerKey: Uint8Array;
  readonly crypto: ProtocolCrypto;
  readonly storage: NodeStorage;
}): Chain {
  const { rules, crypto, storage } = input;
  const sealer = singleSealer(crypto, rules.sealer.symId, input.sealerKey);
  const { sha3 } = crypto;
  const { stored, citizenStored } = requireSound(storage);
  const state = createState(storage.state(), sha3);
  const keys = createKeyIndex(state);
  let head = headOf(stored, decodeHeader(stored.header));
  let citizenHead = citizenHeadOf(citizenStored);
  requireRoots();
  requireSeal(stored);

  function requireRoots(): void {
    const roots = state.roots();
    const expected = [head.header.stateRoot, head.header.sctRoot, citizenStateRoot(citizenStored.header)];
    const isSame = [roots.coin, roots.sct, roots.citizen].every((root, index) => equalBytes(root, expected[index]!));
    if (isSame) return;
    throw new DamagedStorageError(
      `The stored state is damaged: it does not add up to the roots of block ${head.number} and citizen block ${citizenHead.number}. Restore the data folder from your backup, or start with another folder.`,
    );
  }

  function requireSeal(block: StoredHead): void {
    const { hash: blockHash, sign, number } = block;
    if (number === 0 || isSealedBy(crypto, { blockHash, sign, sealerKeyHash: rules.sealer.keyHash })) return;
    throw new DamagedStorageError(
      `Block ${number} was not sealed by ${rules.sealer.symId}. Restore the data folder from your backup, or start with another folder.`,
    );
  }

  const env: ExecutionEnv = { sealer: rules.sealer.symId, contractAddressRule: rules.contractAddressRule, sha3 };
  return {
    genesis: rules,
    storage,
    state,
    stateAt: (point) => ({
      get(table, key) {
        const row = storage.rowAt(point, table, key);
        if (row.kind === 'unchanged') return state.get(table, key);
        return row.before === undefined ? undefined : decodeValue(table, row.before);
      },
    }),
    head: () => head,
    citizenHead: () => citizenHead,
    symIdOfKey: (keyHash) => keys.symIdOf(keyHash),
    citizenCount: () => state.count('citizen'),
    addBlock({ time, gasLimit: limit, waiting }) {
      const built = buildBlock(state, env, sealer, { parent: head, citizenHead, time, gasLimit: limit }, waiting);
      const { block, header } = built;
      const changes = changesOf(state, built.state);
      storage.commit({ block, state: changes, journalDone: built.included.map(({ hash }) => hash) });
      state.apply(built.state);
      head = headOf(block, header);
      return built;
    },
    checkCitizen: (raw) => checkCitizen({ crypto, chainId: rules.chainId, ca: rules.ca.symId, state, keys }, raw),
    addCitizen(record) {
      const { symId, aKeyPubH } = record.citizen;
      const input = { parent: citizenHead, mainNumber: head.header.number, record, sha3 };
      const { block, state: changes } = buildCitizenBlock(state, input);
      storage.commit({ citizenBlock: block, state: changesOf(state, changes) });
      const before = state.get('citizen', symId);
      if (before !== undefined) keys.remove(before.keyHash);
      state.apply(changes);
      keys.put(aKeyPubH, symId);
      citizenHead = citizenHeadOf(block);
      return block;
    },
  };
}

/** Without the transactions, which need not stay in memory. */
const headOf = ({ number, hash, sign }: StoredHead, header: BlockHeader): ChainHead => ({
  number,
  hash,
  header,
  sign,
});

/** Without the records. */
const citizenHeadOf = ({ number, hash, header }: StoredCitizenBlock): CitizenHead => ({ number, hash, header });

/** A storage that holds another chain than the one asked for. */
export class ForeignChainError extends Error {
  override readonly name = 'ForeignChainError';
}

type Beginning = Omit<ChainOptions, 'sealerKey'> & { readonly genesis: Genesis };

function beginOrCompare(options: Beginning): void {
  if (options.storage.rules() === undefined) begin(options);
  else requireSameGenesis(options.storage, options.genesis);
}

function begin({ genesis, crypto, storage, gasLimit }: Beginning): void {
  const { block, citizenBlock, state } = firstBlocks(genesis, gasLimit, crypto.sha3);
  const rows = state.map((row) => ({ ...row, before: undefined }));
  storage.commit({ block, citizenBlock, state: rows, genesis: storedGenesis(genesis) });
}

/** Block 0 of both chains and the state that they begin with. */
export function firstBlocks(
  genesis: Genesis,
  gasLimit: bigint,
  sha3: Sha3,
): { readonly block: StoredBlock; readonly citizenBlock: StoredCitizenBlock; readonly state: readonly StateRow[] } {
  const state = createState([], sha3);
  const { block: citizenBlock, state: citizenRows } = genesisCitizens(state, genesis, sha3);
  state.apply(citizenRows);
  const overlay = state.overlay();
  for (const [symId, balance] of genesis.allocations) setAccount(overlay, symId, { balance, nonce: 0n, deposit: 0n });
  createGenesisTokens(overlay, genesis, sha3);
  const firstRows = overlay.changes();
  const { block } = genesisBlock(state.rootsAfter(firstRows), {
    sealer: genesis.sealer.symId,
    citizenHash: citizenBlock.hash,
    time: genesis.timestamp,
    gasLimit,
    sha3,
  });
  return { block, citizenBlock, state: [...citizenRows, ...firstRows] };
}

/** Changed rows with what they were in the state before. */
export function changesOf(state: StateReader, rows: readonly StateRow[]): StateChange[] {
  return rows.map((row) => {
    const before = state.get(row.table, row.key);
    return { ...row, before: before === undefined ? undefined : encodeValue(row.table, before) };
  });
}

function requireSameGenesis(storage: NodeStorage, genesis: Genesis): void {
  const stored = storage.genesis();
  const asked = genesisText(genesis);
  if (stored === asked) return;
  const storedFields = JSON.parse(stored ?? '{}') as Record<string, unknown>;
  const askedFields = JSON.parse(asked) as Record<string, unknown>;
  const different = Object.keys({ ...storedFields, ...askedFields }).filter(
    (name) => JSON.stringify(storedFields[name]) !== JSON.stringify(askedFields[name]),
  );
  throw new ForeignChainError(
    `The data folder holds a chain with another genesis: ${different.join(', ')} differ. Start without a genesis, or with another data folder.`,
  );
}

function requireSound(storage: NodeStorage): { stored: StoredHead; citizenStored: StoredCitizenBlock } {
  requireLinks(storage.heads());
  const stored = storage.head();
  const citizenStored = storage.citizenHead();
  if (stored === undefined || citizenStored === undefined) {
    throw new DamagedStorageError(
      'The chain has a genesis but no block. Restore the data folder from your backup, or start with another folder.',
    );
  }
  return { stored, citizenStored };
}

/** A chain is long: the parent's hash is read where it stands, without decoding the other fields. */
function requireLinks(heads: Iterable<StoredHead>): void {
  let before: StoredHead | undefined;
  for (const head of heads) {
    if (before !== undefined && !equalBytes(parentHash(head.header), before.hash)) {
      throw new DamagedStorageError(
        `Block ${head.number} does not name block ${before.number} as the one before it. Restore the data folder from your backup, or start with another folder.`,
      );
    }
    before = head;
  }
}

/** The first field of a header: behind the list's head of three bytes and its own of one. */
const parentHash = (header: Uint8Array): Uint8Array => header.subarray(4, 36);
