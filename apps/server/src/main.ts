/**
 * The payment server: `node apps/server/src/main.ts <role> …` with one or more of `migrate`, `serve`, `work`, `config`.
 * `migrate` brings the schema up to date first; `config` prints the configuration without secrets and ends. By themselves stand
 * `audit <verb> …`, and as the role that owns the schema `backup <file>` and `restore <file>`.
 * Started with an IPC channel, it sends `{ kind: 'ready', url }` when it serves and stops when the channel closes.
 */
import { writeFileSync } from 'node:fs';
import { systemClock } from '@jigeum/std';
import { ConfigError, describeConfig, readAuditEnvironment, readConfig, type Config } from './config.ts';
import { backUp, BackupError, restore } from './platform/backup.ts';
import { migrate } from './platform/migrate.ts';
import { passwordOf, startServer, StartError, type RunningRole, type RunningServer } from './start.ts';

const ROLES = ['migrate', 'serve', 'work', 'config'];
/** Whoever supervises us waits a little longer before it kills. */
const STOP_WITHIN_MS = 8_000;

const roles = process.argv.slice(2);
let running: RunningServer | undefined;
let isStopping = false;

guardMemory();
process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('disconnect', () => void stop(0));
process.on('unhandledRejection', (error) => crash(error));
process.on('uncaughtException', (error) => crash(error));

try {
  await main();
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
  await stop(1);
}

async function main(): Promise<void> {
  const [verb, file, ...rest] = roles;
  if (verb === 'audit') {
    // By itself: whoever only checks a log needs nothing that the server needs.
    const { auditCommand } = await import('#audit');
    process.exitCode = await auditCommand(roles.slice(1), {
      env: readAuditEnvironment(),
      print: (line) => console.log(line),
    });
    if (process.connected) process.disconnect();
    return;
  }
  if (verb === 'backup' || verb === 'restore') {
    if (file === undefined || rest.length > 0) throw new StartError(`Expected one file after ${verb}.`);
    await moveRows(verb, file);
    return;
  }
  const unknown = roles.find((role) => !ROLES.includes(role));
  if (unknown !== undefined || roles.length === 0)
    throw new StartError(`Expected one or more of ${ROLES.join(', ')}, got ${unknown ?? 'nothing'}.`);
  if (roles.includes('config')) console.log(describeConfig().join('\n'));
  const config = readConfig();
  if (roles.includes('migrate')) {
    const applied = await migrate({ clock: systemClock }, ownerConnection(config));
    console.log(applied.length === 0 ? 'The schema is up to date.' : `Applied ${applied.join(', ')}.`);
  }
  const runningRoles = new Set(roles.filter((role): role is RunningRole => role === 'serve' || role === 'work'));
  if (runningRoles.size === 0) {
    if (process.connected) process.disconnect();
    return;
  }
  const server = await startServer(config, runningRoles);
  if (isStopping) {
    await server.stop();
    return;
  }
  running = server;
  process.send?.({ kind: 'ready', url: server.url });
}

/** Writes the database into a file, or reads it back into an empty one. */
async function moveRows(verb: 'backup' | 'restore', file: string): Promise<void> {
  const connection = ownerConnection(readConfig());
  if (verb === 'backup') {
    console.log(`Backed up ${await backUp(connection, file)} rows to ${file}.`);
  } else {
    await migrate({ clock: systemClock }, connection);
    console.log(`Restored ${await restore(connection, file)} rows from ${file}.`);
  }
  if (process.connected) process.disconnect();
}

function ownerConnection(config: Config): { url: string; password?: () => string } {
  if (config.migrationDatabaseUrl === null)
    throw new StartError('MIGRATION_DATABASE_URL is missing: this needs the role that owns the schema.');
  const password = passwordOf(config.migrationDatabasePasswordFile);
  return { url: config.migrationDatabaseUrl, ...(password === undefined ? {} : { password }) };
}

/** Ends cleanly, or hard when something does not end in time. */
async function stop(status: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  const timer = setTimeout(() => {
    console.error(`Not everything ended within ${STOP_WITHIN_MS} ms; stopping now.`);
    process.exit(1);
  }, STOP_WITHIN_MS);
  timer.unref();
  try {
    await running?.stop();
  } catch (error) {
    console.error(sentenceOf(error));
    process.exit(1);
  }
  process.exit(status);
}

/** What state is left after an error that nobody caught is unknown: end, and let the supervisor start anew. */
function crash(error: unknown): void {
  // Without the message, which may quote what was being read.
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  console.error(['The server has failed.', error instanceof Error ? error.name : typeof error, ...frames].join('\n'));
  void stop(1);
}

function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError)
    return ['The configuration cannot be used:', ...error.problems.map((problem) => `- ${problem}`)].join('\n');
  if (!(error instanceof Error)) return 'The server did not start.';
  const { code } = error as { code?: unknown };
  if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ENOTFOUND')
    return `The server did not start: something that it needs does not answer (${error.message}). Check DATABASE_URL and the other addresses.`;
  return ['StartError', 'AuditCommandError', 'ChainUnreachable'].includes(error.name) || error instanceof BackupError
    ? error.message
    : `The server did not start: ${error.message}`;
}

/**
 * Keys must not leave this process's memory by the side: SIGUSR1 would open Node's inspector to any program of this
 * user, and a crash would write the memory to a file.
 */
function guardMemory(): void {
  process.on('SIGUSR1', () => undefined);
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Some containers forbid it; they keep no core files either, and the operating guide says how to check.
  }
}
