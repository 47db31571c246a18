/** A PostgreSQL of its own that answers on a TCP port, so that a proxy can stand before it, and whose postmaster can be killed. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { systemClock } from '@jigeum/std';
import { preparePostgresHome } from '../../apps/cli/src/embedded/postgres-home.ts';
import { migrate } from '../../apps/server/src/platform/migrate.ts';
import { createPart, type Part } from './part.ts';
import { until } from './until.ts';

export interface Postgres extends Part {
  /** As the owner of everything: may set up, look, and do damage. */
  readonly ownerUrl: string;
  /** As the application's login role. */
  readonly appUrl: string;
  /** As the public scanner's login role. */
  readonly scanUrl: string;
}

const ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
const DATABASE = 'jigeum';

/** Makes the folder and the database with its roles and schema, and leaves it running. Writes are as durable as in production. */
export async function startPostgres(options: {
  folder: string;
  tmpDir: string;
  port: number;
  logFile: string;
}): Promise<Postgres> {
  const home = preparePostgresHome({ instanceDir: options.folder, tmpDir: options.tmpDir });
  const as = home.runAs === null ? {} : { uid: home.runAs.uid, gid: home.runAs.gid };
  const url = (user: string, database = DATABASE): string => `postgres://${user}@127.0.0.1:${options.port}/${database}`;
  await promisify(execFile)(
    join(home.programDir, 'bin', 'initdb'),
    ['-D', home.dataDir, '-U', 'jigeum_owner', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...as, cwd: '/', env: ENV },
  );
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    max_connections: '300',
    shared_buffers: '64MB',
    // When each transaction committed: whoever checks can tell what came first.
    track_commit_timestamp: 'on',
  };
  const part = createPart({
    name: 'postgres',
    logFile: options.logFile,
    env: ENV,
    command: {
      kind: 'program',
      file: join(home.programDir, 'bin', 'postgres'),
      args: ['-D', home.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      ...as,
    },
    untilReady: () => untilAnswering(url('jigeum_owner', 'postgres')),
  });
  endWithUs(home.dataDir, home.socketDir);
  await part.start();
  await makeDatabase(url('jigeum_owner', 'postgres'));
  await migrate({ clock: systemClock }, { url: url('jigeum_owner') });
  return {
    ...part,
    ownerUrl: url('jigeum_owner'),
    appUrl: url('jigeum_server'),
    scanUrl: url('jigeum_scanner'),
    // After a kill -9 the next postmaster refuses until the last backend of the old one has noticed and gone.
    start: async () => {
      await until('PostgreSQL to start', async () => {
        try {
          await part.start();
          return true;
        } catch (error) {
          if (/shared memory block|already exists/.test((error as Error).message)) return undefined;
          throw error;
        }
      });
    },
    // SIGINT is its fast shutdown; on SIGTERM it would wait for every client to leave.
    stop: () => part.kill('SIGINT'),
  };
}

async function untilAnswering(url: string): Promise<void> {
  await until('PostgreSQL to answer', async () => {
    const client = new pg.Client({ connectionString: url });
    // A connection that breaks while it opens rejects `connect`, and tells this listener again.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      await client.end();
      return true;
    } catch {
      // It is not up yet; the bound of `until` decides.
      return undefined;
    }
  });
}

async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const [role, login] of [
      ['jigeum_app', 'jigeum_server'],
      ['jigeum_scan', 'jigeum_scanner'],
    ])
      await client.query(`create role ${role} nologin; create role ${login} login in role ${role}`);
    await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** A postmaster has no channel to us: a small process stops it when we are gone, however we went. */
function endWithUs(dataDir: string, socketDir: string): void {
  const watch = `while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done
    read -r pid < '${dataDir}/postmaster.pid' 2>/dev/null && grep -q '${dataDir}' "/proc/$pid/cmdline" && kill -QUIT "$pid"
    rmdir '${socketDir}' 2>/dev/null`;
  spawn('/bin/sh', ['-c', watch], { detached: true, stdio: 'ignore' }).unref();
}
