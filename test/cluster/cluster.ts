/**
 * A real platform that a test may break: PostgreSQL, a work node and any number of server replicas, each a process of its
 * own that is killed by its pid and started again, and people with a known key, PIN and session. See README.md.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { randomIds, seededIds, systemClock } from '@jigeum/std';
import { NODE_FLAGS } from '../../apps/cli/src/embedded/node-flags.ts';
import { freePorts } from '../../apps/cli/src/embedded/ports.ts';
import { newFolder } from '../instance.ts';
import { CHAIN_ID, makeFolder, writeGenesis, type ClusterFolder, type FirstCitizen } from './folder.ts';
import { createPart, type Part } from './part.ts';
import { createPaymentClient, type PaymentClient } from './payments.ts';
import { draftPeople, fundPeople, savePeople, type GasOfPeople, type Person } from './people.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import { until } from './until.ts';

export interface Replica extends Part {
  readonly index: number;
  /** Where it serves; the same after each start. */
  readonly url: string;
}

/** What a replica is told to connect to. */
export interface Addresses {
  readonly nodeUrl: string;
  readonly caUrl: string;
  /** Login roles without passwords; the host and port may be a proxy's. */
  readonly databaseUrl: string;
  readonly scanDatabaseUrl: string;
}

type ServerEnv = Readonly<Record<string, string>>;

export interface ClusterOptions {
  readonly replicas?: number;
  readonly people?: number;
  /** Won in tokens that each person has at first. */
  readonly won?: bigint;
  readonly gas?: GasOfPeople;
  readonly blockMs?: number;
  /** The same seed makes the same keys, addresses and cookies; without it they are random. */
  readonly seed?: string;
  /** Puts proxies in between: gets the true addresses and says which ones the replica is told. */
  readonly route?: (direct: Addresses, replica: number) => Addresses | Promise<Addresses>;
  /** Further settings of the servers, by environment name; of one of them, where a function says it: failpoints, for one. */
  readonly serverEnv?: ServerEnv | ((replica: number, folder: ClusterFolder) => ServerEnv);
  readonly nodeArgs?: readonly string[];
  /** Cost of the platform's keystores, which every start of a server pays; the cheapest unless a start is measured. */
  readonly platformScryptN?: number;
  /** Who exists on the chain besides, and is nobody of the platform. */
  readonly citizens?: readonly FirstCitizen[];
}

export interface Cluster {
  readonly folder: ClusterFolder;
  readonly postgres: Postgres;
  readonly node: Part & { readonly rpcUrl: string; readonly caUrl: string };
  readonly replicas: readonly Replica[];
  readonly people: readonly Person[];
  /** All rights, not through any proxy. Its queries fail while PostgreSQL is down. */
  readonly owner: pg.Pool;
  readonly payments: PaymentClient;
  readonly chainId: number;
  /** Where the replicas serve. */
  readonly urls: readonly string[];
  newKey(): string;
  /** Resolves when no signed transaction and no wallet waits for anything. */
  untilDrained(withinMs?: number): Promise<void>;
  /** Ends every process by its pid and removes the folder. */
  stop(): Promise<void>;
}

const REPLICAS = 2;
const PEOPLE = 20;
const WON = 1_000_000n;
/** Five blocks a second: tests wait for blocks more than for anything else. */
const BLOCK_MS = 200;

const cliMain = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const serverMain = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
/** Compiled code is kept: a server that is started again and again begins twice as fast. */
const ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', NODE_COMPILE_CACHE: join(tmpdir(), 'jigeum-compile-cache') };

/** Starts everything; resolves when each replica serves and everybody has tokens and gas. Leaves nothing running where it throws. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const closers: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.reverse().splice(0)) await close();
  };
  try {
    return await start(options, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: ClusterOptions,
  closers: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<Cluster> {
  const ids = options.seed === undefined ? randomIds : seededIds(options.seed);
  const path = newFolder('jigeum-cluster-');
  closers.push(() => rmSync(path, { recursive: true, force: true }));
  const folder = makeFolder(path, ids);
  const [databasePort, nodePort, caPort] = (await freePorts(3)) as [number, number, number];
  const drafts = draftPeople(folder, ids, { count: options.people ?? PEOPLE, gas: options.gas ?? 'granted' });

  const startNode = async () => {
    const citizens = [...(await drafts), ...(options.citizens ?? [])];
    const genesisFile = await writeGenesis(folder, ids, citizens, {
      timestamp: Math.floor(systemClock.nowMs() / 1000),
      scryptN: options.platformScryptN ?? 4096,
    });
    const node = createPart({
      name: 'node',
      logFile: folder.file('logs', 'node.log'),
      env: ENV,
      command: {
        kind: 'node',
        file: cliMain,
        flags: NODE_FLAGS,
        args: [
          ...['node', '--port', String(nodePort), '--ca-port', String(caPort), '--data', folder.file('node')],
          ...[
            '--chain-id',
            String(CHAIN_ID),
            '--block-ms',
            String(options.blockMs ?? BLOCK_MS),
            '--genesis',
            genesisFile,
          ],
          ...['--ca-secret-file', folder.secrets.ca, ...(options.nodeArgs ?? [])],
        ],
      },
    });
    closers.push(() => node.stop());
    await node.start();
    return { ...node, rpcUrl: `http://127.0.0.1:${nodePort}`, caUrl: `http://127.0.0.1:${caPort}` };
  };
  const startDatabase = async () => {
    const postgres = await startPostgres({
      folder: path,
      tmpDir: tmpdir(),
      port: databasePort,
      logFile: folder.file('logs', 'postgres.log'),
    });
    closers.push(() => postgres.stop());
    return { postgres, people: await savePeople(await drafts, postgres.ownerUrl) };
  };
  // Both are awaited even where one fails: what they started is then known and stopped.
  const [nodeStart, databaseStart] = await Promise.allSettled([startNode(), startDatabase()]);
  if (nodeStart.status === 'rejected') throw nodeStart.reason;
  if (databaseStart.status === 'rejected') throw databaseStart.reason;
  const node = nodeStart.value;
  const { postgres, people } = databaseStart.value;

  const owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 4 });
  // An idle connection ends with every kill of PostgreSQL; the next query opens another.
  owner.on('error', () => undefined);
  // A test may have ended it: a database is copied only while nobody is connected.
  closers.push(() => (owner.ended ? undefined : owner.end()));
  const direct: Addresses = {
    nodeUrl: node.rpcUrl,
    caUrl: node.caUrl,
    databaseUrl: postgres.appUrl,
    scanDatabaseUrl: postgres.scanUrl,
  };
  const routes: Addresses[] = [];
  for (let index = 0; index < (options.replicas ?? REPLICAS); index++)
    routes.push((await options.route?.(direct, index)) ?? direct);
  // In a row, and after what a route has begun to listen on: ports drawn one by one may be one port.
  const ports = await freePorts(routes.length);
  const replicas = routes.map((addresses, index) => {
    const { serverEnv = {} } = options;
    const env = typeof serverEnv === 'function' ? serverEnv(index, folder) : serverEnv;
    return createReplica(folder, { index, port: ports[index]!, addresses, env });
  });
  closers.push(async () => void (await Promise.all(replicas.map((replica) => replica.stop()))));
  const started = await Promise.allSettled(replicas.map((replica) => replica.start()));
  for (const result of started) if (result.status === 'rejected') throw result.reason;
  await fundPeople(owner, people, options.won ?? WON);
  const payments = createPaymentClient(owner);
  closers.push(() => payments.close());

  return {
    folder,
    postgres,
    node,
    replicas,
    people,
    owner,
    payments,
    chainId: CHAIN_ID,
    urls: replicas.map(({ url }) => url),
    newKey: () => (options.seed === undefined ? randomUUID() : ids.uuid(systemClock.nowMs())),
    untilDrained: (withinMs) => untilDrained(owner, withinMs),
    stop,
  };
}

function createReplica(
  folder: ClusterFolder,
  options: { index: number; port: number; addresses: Addresses; env: Readonly<Record<string, string>> },
): Replica {
  const { index, port, addresses } = options;
  const part = createPart({
    name: `server ${index}`,
    logFile: folder.file('logs', `server-${index}.log`),
    env: {
      ...ENV,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: addresses.databaseUrl,
      SCAN_DATABASE_URL: addresses.scanDatabaseUrl,
      CHAIN_URL: addresses.nodeUrl,
      CHAIN_ID: String(CHAIN_ID),
      CA_URL: addresses.caUrl,
      CA_SECRET_FILE: folder.secrets.ca,
      SERVER_KEY_FILE: folder.secrets.serverKey,
      PLATFORM_KEYSTORE_DIR: folder.file('platform'),
      PLATFORM_PASSPHRASE_FILE: folder.secrets.passphrase,
      KEYSTORE_DIR: folder.file('keystores'),
      KEYSTORE_SCRYPT_N: '4096',
      OPERATOR_TOKEN_FILE: folder.secrets.operatorToken,
      // Nobody joins and no bank tells of deposits here: people and their tokens come by direct means.
      IDENTITY_URL: 'http://127.0.0.1:1',
      IDENTITY_SECRET_FILE: folder.secrets.partner,
      BANK_URL: 'http://127.0.0.1:1',
      BANK_SECRET_FILE: folder.secrets.partner,
      UNLOCK_IDLE_MINUTES: '60',
      SESSION_IDLE_MINUTES: '1440',
      SEED_TOKEN: 'EST',
      LOG_REQUESTS: 'off',
      ...options.env,
    },
    command: { kind: 'node', file: serverMain, args: ['serve', 'work'] },
  });
  return { ...part, index, url: `http://127.0.0.1:${port}` };
}

async function untilDrained(owner: pg.Pool, withinMs = 60_000): Promise<void> {
  let left: unknown[] = [];
  const isDrained = async (): Promise<true | undefined> => {
    const { rows } = await owner.query(
      `select o.purpose, o.state, o.is_unknown, o.attempts, o.last_problem from chain_outbox o
       where o.state in ('gas_wait', 'signed', 'broadcast')
       union all select 'wallet', 'needs gas', false, 0, w.id::text from wallets w where needs_gas limit 5`,
    );
    left = rows;
    return rows.length === 0 || undefined;
  };
  try {
    await until('everything that was accepted to end', isDrained, { withinMs, pollMs: 50 });
  } catch (cause) {
    throw new Error(
      `Expected everything that was accepted to end within ${withinMs / 1000} s: ${JSON.stringify(left)}`,
      { cause },
    );
  }
}
