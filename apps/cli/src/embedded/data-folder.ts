/**
 * The data folder of an embedded instance:
 *
 *   jigeum.json    what this folder is; written last at the first start
 *   up.lock        the process that runs on it
 *   server.env     the settings that the server was started with
 *   addresses.json where the parts serve
 *   secrets/       keys and passwords, mode 0700; without them nothing else here opens a keystore
 *   platform/      keystores of treasury and reserve
 *   keystores/     keystore files of members, sealed under the server key
 *   node/          the work node: genesis, blocks, state
 *   postgres/      the database (elsewhere when the system's root runs us in a folder that others cannot enter)
 *   bank.jsonl     what the simulated bank has taken in
 *   logs/          one file a part
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { randomIds, bytesToHex } from '@jigeum/std';
import { Refusal } from '../refusal.ts';

const FORMAT = 1;

export interface DataFolder {
  readonly path: string;
  /** True when the first start has not been completed. */
  readonly isNew: boolean;
  readonly file: (...parts: string[]) => string;
  /** The path of a secret file (mode 0400), made with `bytes` random bytes in hex where it does not exist. */
  readonly secretFile: (name: string, bytes: number) => string;
  /** The same for a secret that may be made anew where it is missing, because nothing that exists depends on it. */
  readonly renewableSecretFile: (name: string, bytes: number) => string;
  readonly readSecret: (name: string) => string;
  /** Marks the first start as completed. */
  readonly markComplete: () => void;
  readonly release: () => void;
}

/** Opens or makes a data folder and takes its lock. Throws a `Refusal` when it is damaged, foreign or in use. */
export function openDataFolder(given: string): DataFolder {
  const path = resolve(given);
  const marker = join(path, 'jigeum.json');
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new Refusal(
      `The data folder ${path} cannot be made (${(cause as NodeJS.ErrnoException).code}). Choose another: npm start -- --data <folder>`,
    );
  }
  const isNew = !existsSync(marker);
  if (isNew) refuseForeign(path);
  else refuseDamaged(path, marker);
  const release = takeLock(path);
  for (const name of ['platform', 'keystores', 'node', 'logs'])
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  const secrets = join(path, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  return {
    path,
    isNew,
    file: (...parts) => join(path, ...parts),
    secretFile(name, bytes) {
      const file = join(secrets, name);
      if (!existsSync(file)) {
        if (!isNew)
          throw new Refusal(
            `The secret ${file} is missing. Restore it from your backup: without it the keystores in ${path} cannot be opened.`,
          );
        writeAtomically(file, `${bytesToHex(randomIds.bytes(bytes))}\n`, 0o400);
      }
      return file;
    },
    renewableSecretFile(name, bytes) {
      const file = join(secrets, name);
      if (!existsSync(file)) writeAtomically(file, `${bytesToHex(randomIds.bytes(bytes))}\n`, 0o400);
      return file;
    },
    readSecret: (name) => readFileSync(join(secrets, name), 'utf8').trim(),
    markComplete() {
      if (isNew) writeAtomically(marker, `${JSON.stringify({ format: FORMAT, product: 'jigeum' }, null, 2)}\n`, 0o644);
    },
    release,
  };
}

/** Writes a file so that a crash leaves the old one, the new one or none, never a half. */
export function writeAtomically(file: string, content: string, mode: number): void {
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, content, { mode, flush: true });
  renameSync(draft, file);
}

const OURS = new Set([
  'up.lock',
  'addresses.json',
  'audit-anchors.log',
  'bank.jsonl',
  'secrets',
  'platform',
  'keystores',
  'node',
  'postgres',
  'logs',
]);

function refuseForeign(path: string): void {
  const foreign = readdirSync(path).filter((name) => !OURS.has(name));
  if (foreign.length > 0) {
    throw new Refusal(
      `${path} is not a data folder of Jigeum: it holds ${foreign.slice(0, 3).join(', ')} and no jigeum.json. Choose an empty folder with --data, or restore jigeum.json from your backup.`,
    );
  }
}

function refuseDamaged(path: string, marker: string): void {
  let format: unknown;
  try {
    format = (JSON.parse(readFileSync(marker, 'utf8')) as { format?: unknown }).format;
  } catch {
    throw new Refusal(
      `${marker} is damaged: expected JSON with a format. Restore the data folder from your backup, or choose another with --data.`,
    );
  }
  if (format !== FORMAT)
    throw new Refusal(
      `${marker} has format ${JSON.stringify(format)}; this version reads format ${FORMAT}. Use the version that made it.`,
    );
  for (const name of ['secrets', 'platform', 'node']) {
    if (!existsSync(join(path, name))) {
      throw new Refusal(
        `The data folder ${path} is damaged: ${name} is missing. Restore it from your backup, or choose another folder with --data.`,
      );
    }
  }
}

/** One process a folder. The lock names pid and start time, so that a reused pid is not taken for the old owner. */
function takeLock(path: string): () => void {
  const lock = join(path, 'up.lock');
  if (existsSync(lock)) {
    const [pid, startedAt] = readFileSync(lock, 'utf8').trim().split(' ');
    if (
      pid !== undefined &&
      pid !== String(process.pid) &&
      startedAt !== undefined &&
      processStart(pid) === startedAt
    ) {
      throw new Refusal(
        `The data folder ${path} is in use by process ${pid}. Stop that one first, or choose another folder with --data.`,
      );
    }
  }
  writeAtomically(lock, `${process.pid} ${processStart(String(process.pid))}\n`, 0o644);
  return () => rmSync(lock, { force: true });
}

/** Start time of a process in clock ticks (field 22 of /proc/<pid>/stat); empty where there is none or no /proc. */
export function processStart(pid: string): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // No such process.
    return '';
  }
}
