/** A whole node in this process: storage, chain, block timer, JSON-RPC and CA on loopback ports. Used by the command and by tests. */
import { assert, bytesToHex, equalBytes, randomIds, systemClock, toHex0x, type Clock, type Ids } from '@jigeum/std';
import {
  generatePrivateKey,
  HUG_PER_SYM,
  keyHash,
  makeSymId,
  symIdFields,
  SYMID_SEQ_FIRST,
  type SymId,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { isRpcKeyMethod, type RpcMethod } from '@jigeum/symverse/rpc';
import { createAuthority } from './ca/authority.ts';
import { isCaSecret, startCaServer } from './ca/server.ts';
import { NodeFolderError, openNodeFolder, type NodeFolder } from './folder.ts';
import {
  completeGenesis,
  parseGenesisFile,
  parseRules,
  type ChainRules,
  type Genesis,
  type GenesisCitizen,
  type GenesisFile,
} from './genesis.ts';
import { keyFolder, keyMemory, type KeyFiles } from './keys/key-files.ts';
import { createKeyring, type Keyring } from './keys/keyring.ts';
import type { MempoolBounds } from './mempool/mempool.ts';
import { createSignerPool, type SignerFinder } from './mempool/signer-pool.ts';
import { createWorkNode, type WorkNode, type WorkNodeEvent } from './node.ts';
import type { RunningService } from './rpc/http-json.ts';
import { rpcHandlers, rpcHandlersWithKeys } from './rpc/methods.ts';
import { isLoopback } from './rpc/origin.ts';
import { startRpcServer } from './rpc/server.ts';
import { createMemoryStorage } from './storage/memory.ts';
import { openSqliteStorage } from './storage/sqlite.ts';
import type { NodeStorage } from './storage/storage.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface StartOptions {
  /** Where the chain is kept; left out, it is kept in memory and ends with the node. */
  readonly dataDir?: string;
  /** The text of a genesis file. Left out: the chain that is there, or a new one with one funded development key. */
  readonly genesis?: string;
  /** For a new chain whose genesis names none. Refused when the chain has another. */
  readonly chainId?: bigint;
  readonly host?: string;
  /** 0 (and left out) takes a free port. */
  readonly port?: number;
  readonly caPort?: number;
  /** 32 hex digits. Left out: the one in the data folder, or a random one. */
  readonly caSecret?: string;
  /** Keeps keys for callers of the JSON-RPC; see `keys/keyring.ts`. Left out, it keeps none. `loopback` refuses any other host. */
  readonly unlockKeys?: 'loopback' | 'any-host';
  readonly blockMs?: number;
  readonly emptyBlockMs?: number | null;
  readonly sealWhenBusy?: boolean;
  /** The most gas of the blocks that this start closes; older blocks keep what their headers say. */
  readonly blockGasLimit?: bigint;
  /** Blocks below the newest whose states stay readable. Left out: all. What is removed does not come back. */
  readonly keepHistory?: number;
  readonly pool?: Partial<MempoolBounds>;
  /** Threads that check signatures; 0 checks them in the main thread. Left out: one for each processor, three at most, and none on a single one. */
  readonly signerThreads?: number;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly timers?: Timers;
  readonly report?: (event: WorkNodeEvent | { readonly kind: 'service-failed'; readonly error: unknown }) => void;
}

export interface StartedWorkNode {
  readonly rpcUrl: string;
  readonly caUrl: string;
  readonly caSecret: string;
  readonly genesis: ChainRules;
  readonly node: WorkNode;
  /** The funded key of a chain that began here without a genesis, and the file that holds it. */
  readonly development:
    { readonly symId: SymId; readonly privateKey: Uint8Array; readonly file: string | undefined } | undefined;
  /** Ends services, timer and storage, in this order. */
  stop(): Promise<void>;
}

const DEFAULT_CHAIN_ID = 7777n;
/** The first CA of the public samples. */
const DEFAULT_CA_ID = 2;
/** A million SYM: two hundred million transfers' worth of gas. */
const DEVELOPMENT_HUG = 1_000_000n * HUG_PER_SYM;

/**
 * Starts a node. Throws one of `GenesisError`, `NodeFolderError`, `DamagedStorageError`, `StorageInUseError`,
 * `ForeignChainError`, `UnsafeKeysError` or `PortInUseError` with a sentence for people, and leaves nothing running.
 */
export async function startWorkNode(options: StartOptions = {}): Promise<StartedWorkNode> {
  const {
    clock = systemClock,
    ids = randomIds,
    timers = systemTimers,
    host = '127.0.0.1',
    report = () => undefined,
  } = options;
  if (options.caSecret !== undefined && !isCaSecret(options.caSecret)) {
    throw new NodeFolderError(`Expected the CA's secret in 32 hex digits, got ${options.caSecret.length} characters.`);
  }
  if (options.unlockKeys === 'loopback' && !isLoopback(host)) {
    throw new UnsafeKeysError(
      `Expected a loopback host for a node that keeps keys, got ${host}: whoever reaches it can sign with an unlocked key.`,
    );
  }
  const folder = options.dataDir === undefined ? undefined : openNodeFolder(options.dataDir, ids);
  const kept = options.keepHistory === undefined ? {} : { keepHistory: options.keepHistory };
  const storage = folder === undefined ? createMemoryStorage(kept) : openSqliteStorage(folder.chainFile, kept);
  const running: RunningService[] = [];
  let node: WorkNode | undefined;
  let signers: SignerFinder | undefined;
  let keyring: Keyring | undefined;
  const stop = async (): Promise<void> => {
    try {
      await Promise.all(running.map((service) => service.stop()));
      keyring?.stop();
      await signers?.stop();
      node?.stop();
    } finally {
      storage.close();
    }
  };
  try {
    const setUp = prepareChain({ options, storage, folder, ids, clock });
    const onError = (error: unknown): void => report({ kind: 'service-failed', error });
    signers = createSignerPool(
      { crypto: nativeCrypto, timers },
      {
        chainId: setUp.chainId,
        report: onError,
        ...(options.signerThreads !== undefined && { workers: options.signerThreads }),
      },
    );
    node = createWorkNode(
      { clock, timers, storage, crypto: nativeCrypto, signers, report },
      {
        ...pickNodeOptions(options),
        ...(setUp.genesis !== undefined && { genesis: setUp.genesis }),
        sealerKey: setUp.sealerKey,
      },
    );
    const caSecret = options.caSecret ?? folder?.caSecret() ?? bytesToHex(ids.bytes(16));
    const authority = createAuthority({ clock, ids, crypto: nativeCrypto, node }, setUp.caKey);
    if (options.unlockKeys !== undefined) keyring = createKeyring({ files: keyFilesIn(folder), timers, ids });
    const handlers = keyring === undefined ? rpcHandlers(node) : rpcHandlersWithKeys(node, { keyring, clock });
    const rpc = await listening('JSON-RPC', options.port ?? 0, (port) =>
      startRpcServer(
        { handlers, absence: absentKeys, node: node!, clock, timers, ids, report: onError },
        { host, port },
      ),
    );
    running.push(rpc);
    const ca = await listening('CA', options.caPort ?? 0, (port) =>
      startCaServer(authority, { host, port, secret: caSecret, report: onError }),
    );
    running.push(ca);
    node.start();
    return {
      rpcUrl: rpc.url,
      caUrl: ca.url,
      caSecret,
      genesis: node.chain.genesis,
      node,
      development: setUp.development,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const absentKeys = (method: RpcMethod): string | undefined =>
  isRpcKeyMethod(method) ? 'this node keeps no keys; start it with --unlock-keys, or sign before you send' : undefined;

const keyFilesIn = (folder: NodeFolder | undefined): KeyFiles =>
  folder === undefined ? keyMemory() : keyFolder(folder.keystoreFolder, (file, content) => folder.write(file, content));

/** A node that keeps keys where strangers could use them. */
export class UnsafeKeysError extends Error {
  override readonly name = 'UnsafeKeysError';
}

/** A port that another program listens on. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly port: number;
  constructor(what: string, port: number, options?: ErrorOptions) {
    super(`Port ${port} (${what}) is in use by another program. Stop that program, or choose another port.`, options);
    this.port = port;
  }
}

interface ChainSetUp {
  /** Undefined for the chain that is there. */
  readonly genesis: Genesis | undefined;
  readonly chainId: bigint;
  readonly sealerKey: Uint8Array;
  readonly caKey: Uint8Array;
  readonly development: StartedWorkNode['development'];
}

/** Keys and genesis: those that are there, or new ones. What a file leaves open comes from the chain that is there, then from the defaults. */
function prepareChain(input: {
  options: StartOptions;
  storage: NodeStorage;
  folder: NodeFolder | undefined;
  ids: Ids;
  clock: Clock;
}): ChainSetUp {
  const { options, storage, folder, ids, clock } = input;
  const storedRules = storage.rules();
  const stored = storedRules === undefined ? undefined : parseRules(storedRules);
  const given = options.genesis === undefined ? undefined : parseGenesisFile(options.genesis);
  const sealerKey = folder?.key('sealer', stored === undefined) ?? generatePrivateKey(ids);
  const caKey = folder?.key('ca', stored === undefined) ?? generatePrivateKey(ids);
  const needsDevelopment = given === undefined && stored === undefined;
  const development = needsDevelopment ? makeDevelopmentKey(folder, ids) : undefined;
  const complete = (file: GenesisFile): Genesis =>
    completeGenesis(file, {
      chainId: stored?.chainId ?? options.chainId ?? DEFAULT_CHAIN_ID,
      caId: stored === undefined ? DEFAULT_CA_ID : symIdFields(stored.ca.symId).caId,
      timestamp: stored?.timestamp ?? Math.floor(clock.nowMs() / 1000),
      caKeyHash: hashOfKey(caKey),
      sealerKeyHash: hashOfKey(sealerKey),
    });
  const genesis =
    given === undefined && stored !== undefined ? undefined : complete(given ?? developmentGenesis(development));
  const rules = genesis ?? stored;
  assert(rules !== undefined, 'there is a genesis, or a chain that has begun');
  if (options.chainId !== undefined && options.chainId !== rules.chainId) {
    throw new NodeFolderError(
      `Expected a chain with the id ${options.chainId}, got one with ${rules.chainId} in its genesis. Leave the chain id out, or choose another data folder.`,
    );
  }
  requireKey('ca', rules.ca, caKey);
  requireKey('sealer', rules.sealer, sealerKey);
  return { genesis, chainId: rules.chainId, sealerKey, caKey, development };
}

function requireKey(name: string, { symId, keyHash: expected }: GenesisCitizen, key: Uint8Array): void {
  if (equalBytes(hashOfKey(key), expected)) return;
  throw new NodeFolderError(
    `The key file ${name}.key does not hold the key of ${symId}, whose hash is ${toHex0x(expected)} in the genesis. Restore it from your backup.`,
  );
}

/** The genesis of a chain for development: one citizen, who has all coins. */
function developmentGenesis(development: StartedWorkNode['development']): GenesisFile {
  const person = development && { symId: development.symId, keyHash: hashOfKey(development.privateKey) };
  return {
    chainId: undefined,
    timestamp: undefined,
    caId: undefined,
    caKeyHash: undefined,
    sealerKeyHash: undefined,
    citizens: person === undefined ? [] : [person],
    allocations: new Map(person === undefined ? [] : [[person.symId, DEVELOPMENT_HUG]]),
    tokens: [],
    contractAddressRule: 'current',
  };
}

function makeDevelopmentKey(folder: NodeFolder | undefined, ids: Ids): NonNullable<StartedWorkNode['development']> {
  const privateKey = generatePrivateKey(ids);
  const symId = makeSymId({ caId: DEFAULT_CA_ID, random: ids.bytes(6), seq: SYMID_SEQ_FIRST });
  if (folder !== undefined) {
    const note = { symId, privateKey: bytesToHex(privateKey), publicKeyHash: toHex0x(hashOfKey(privateKey)) };
    folder.write(folder.developmentKeyFile, `${JSON.stringify(note, null, 2)}\n`);
  }
  return { symId, privateKey, file: folder?.developmentKeyFile };
}

const hashOfKey = (privateKey: Uint8Array): Uint8Array =>
  keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3);

function pickNodeOptions({ blockMs, emptyBlockMs, sealWhenBusy, blockGasLimit, pool }: StartOptions) {
  return {
    ...(blockMs !== undefined && { blockMs }),
    ...(emptyBlockMs !== undefined && { emptyBlockMs }),
    ...(sealWhenBusy !== undefined && { sealWhenBusy }),
    ...(blockGasLimit !== undefined && { blockGasLimit }),
    ...(pool !== undefined && { pool }),
  };
}

async function listening(
  what: string,
  port: number,
  start: (port: number) => Promise<RunningService>,
): Promise<RunningService> {
  try {
    return await start(port);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new PortInUseError(what, port, { cause });
    throw cause;
  }
}
