/**
 * Runs PostgreSQL as a child that never outlives its parent: makes the database at the first start, starts the
 * postmaster, tells the parent when it answers, and stops it on SIGTERM or when the parent goes away.
 * Argument: one JSON object, `PostgresRunnerInput`.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresHome } from './postgres-home.ts';

export interface PostgresRunnerInput {
  readonly home: PostgresHome;
  /** Files with one password each. */
  readonly ownerPasswordFile: string;
  readonly appPasswordFile: string;
  readonly scanPasswordFile: string;
  readonly database: string;
}

const PG_MAJOR = '18';
const START_ATTEMPTS_MAX = 300;
const START_PAUSE_MS = 100;
/** Fast shutdown gets this long, then an immediate one: the write-ahead log repairs what it leaves. */
const STOP_PATIENCE_MS = 2_500;

const input = JSON.parse(process.argv[2] ?? '{}') as PostgresRunnerInput;
const { home } = input;
const as = home.runAs === null ? {} : { uid: home.runAs.uid, gid: home.runAs.gid };
let postmaster: ChildProcess | undefined;
let isStopping = false;

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('disconnect', () => void stop(0));

try {
  await stopOrphan();
  if (!existsSync(join(home.dataDir, 'PG_VERSION'))) await initialise();
  const version = readFileSync(join(home.dataDir, 'PG_VERSION'), 'utf8').trim();
  if (version !== PG_MAJOR) {
    fail(
      `The database in ${home.dataDir} was made by PostgreSQL ${version}; this version brings ${PG_MAJOR}. Dump it with the old version and restore it here.`,
    );
  } else {
    start();
    await prepareRoles();
    process.send?.({ kind: 'ready' });
  }
} catch (error) {
  fail(`PostgreSQL did not start: ${(error as Error).message}`);
}

function fail(sentence: string): void {
  console.error(sentence);
  void stop(1);
}

/** `initdb` into a draft folder that is renamed when complete, so that a crash leaves no half database. */
async function initialise(): Promise<void> {
  const draft = join(home.dataDir, 'draft');
  const passwordFile = join(home.socketDir, 'owner-password');
  rmSync(draft, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, readFileSync(input.ownerPasswordFile), { mode: 0o600 });
  if (home.runAs !== null) chownSync(passwordFile, home.runAs.uid, home.runAs.gid);
  try {
    await promisify(execFile)(
      join(home.programDir, 'bin', 'initdb'),
      [
        '-D',
        draft,
        '-U',
        'jigeum_owner',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
      ],
      { ...as, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  // PG_VERSION goes last: it is what marks a complete database.
  for (const name of readdirSync(draft).filter((entry) => entry !== 'PG_VERSION')) {
    rmSync(join(home.dataDir, name), { recursive: true, force: true });
    renameSync(join(draft, name), join(home.dataDir, name));
  }
  renameSync(join(draft, 'PG_VERSION'), join(home.dataDir, 'PG_VERSION'));
  rmSync(draft, { recursive: true, force: true });
}

function start(): void {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: home.socketDir,
    unix_socket_permissions: '0700',
    max_connections: '60',
    // Values of statements are people's data and never belong in a log.
    log_min_error_statement: 'panic',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    // Without it the log shows the row that was refused.
    log_error_verbosity: 'terse',
  };
  postmaster = spawn(
    join(home.programDir, 'bin', 'postgres'),
    ['-D', home.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...as, cwd: '/', stdio: ['ignore', 'inherit', 'inherit'], env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
  );
  postmaster.once('error', (error) => fail(`PostgreSQL did not start: ${error.message}`));
  postmaster.once('exit', (code, signal) => {
    if (!isStopping) fail(`PostgreSQL ended by itself (${signal ?? `status ${code}`}); its last words stand above.`);
  });
}

/** Waits until it answers, then makes the database and the login roles with today's passwords. */
async function prepareRoles(): Promise<void> {
  const owner = await connectWhenUp();
  try {
    const { rows } = await owner.query('select from pg_database where datname = $1', [input.database]);
    if (rows.length === 0) await owner.query(`create database ${pg.escapeIdentifier(input.database)}`);
    await owner.query(`do $$ begin
      if not exists (select from pg_roles where rolname = 'jigeum_app') then create role jigeum_app nologin; end if;
      if not exists (select from pg_roles where rolname = 'jigeum_server') then create role jigeum_server login in role jigeum_app; end if;
      if not exists (select from pg_roles where rolname = 'jigeum_scan') then create role jigeum_scan nologin; end if;
      if not exists (select from pg_roles where rolname = 'jigeum_scanner') then create role jigeum_scanner login in role jigeum_scan; end if;
    end $$`);
    for (const [role, file] of [
      ['jigeum_server', input.appPasswordFile],
      ['jigeum_scanner', input.scanPasswordFile],
    ] as const)
      await owner.query(`alter role ${role} password ${pg.escapeLiteral(readFileSync(file, 'utf8').trim())}`);
  } finally {
    await owner.end();
  }
}

async function connectWhenUp(): Promise<pg.Client> {
  const password = readFileSync(input.ownerPasswordFile, 'utf8').trim();
  let last: unknown;
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX && !isStopping; attempt++) {
    const client = new pg.Client({ host: home.socketDir, user: 'jigeum_owner', password, database: 'postgres' });
    try {
      await client.connect();
      return client;
    } catch (error) {
      last = error;
      await new Promise((resume) => setTimeout(resume, START_PAUSE_MS));
    }
  }
  throw new Error(`no connection within ${(START_ATTEMPTS_MAX * START_PAUSE_MS) / 1000} seconds`, { cause: last });
}

/** A postmaster that an earlier runner left behind when it was killed is ours to stop: its pid file lies in our folder. */
async function stopOrphan(): Promise<void> {
  const pidFile = join(home.dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const [pidText, folder] = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number.parseInt(pidText ?? '', 10);
  if (!(pid > 1) || folder !== home.dataDir || !commandOf(pid).includes(home.dataDir)) return;
  process.kill(pid, 'SIGINT');
  for (let waitedMs = 0; isAlive(pid); waitedMs += START_PAUSE_MS) {
    if (waitedMs === STOP_PATIENCE_MS - (STOP_PATIENCE_MS % START_PAUSE_MS)) process.kill(pid, 'SIGQUIT');
    await new Promise((resume) => setTimeout(resume, START_PAUSE_MS));
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended, or this system has no /proc: then PostgreSQL's own lock decides.
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: it has ended.
    return false;
  }
}

async function stop(status: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  if (postmaster !== undefined && postmaster.exitCode === null && postmaster.signalCode === null) {
    const ended = new Promise((resolve) => postmaster!.once('exit', resolve));
    postmaster.kill('SIGINT');
    const impatience = setTimeout(() => postmaster!.kill('SIGQUIT'), STOP_PATIENCE_MS);
    await ended;
    clearTimeout(impatience);
  }
  if (status === 0) rmSync(home.socketDir, { recursive: true, force: true });
  process.exit(status);
}
