/** Builds the web app when its sources have changed since the last build. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CliConfig } from '../config.ts';
import { Refusal } from '../refusal.ts';

const SOURCES = [
  'apps/web',
  'packages/api/src',
  'packages/money/src',
  'packages/receipt/src',
  'packages/std/src',
  'packages/symverse/src',
  'package-lock.json',
];
const NOT_SOURCES = new Set(['dist', 'node_modules']);
const HASH_FILE = '.source-hash';

/** Returns the folder of the built app. `onBuild` is told when a build is needed. */
export async function ensureWebBuild(config: CliConfig, onBuild: () => void): Promise<string> {
  const dist = join(config.rootDir, 'apps/web/dist');
  const hash = sourceHash(config.rootDir);
  const hashFile = join(dist, HASH_FILE);
  if (existsSync(hashFile) && readFileSync(hashFile, 'utf8') === hash) return dist;
  onBuild();
  // A folder of its own, renamed when complete: two starts at once do not disturb each other.
  const draft = `${dist}.${process.pid}`;
  const vite = join(config.rootDir, 'node_modules/vite/bin/vite.js');
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', '--outDir', draft, '--emptyOutDir'], {
      cwd: join(config.rootDir, 'apps/web'),
      env: { ...config.childEnv, NODE_ENV: 'production' },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    const text = (cause as { stderr?: string }).stderr?.trim().split('\n').slice(-5).join('\n') ?? String(cause);
    throw new Refusal(
      `The web app could not be built. Run "npm ci" again; if that does not help, this is what the build said:\n${text}`,
    );
  }
  writeFileSync(join(draft, HASH_FILE), hash);
  const old = `${draft}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(draft, dist);
  rmSync(old, { recursive: true, force: true });
  return dist;
}

function sourceHash(rootDir: string): string {
  const hash = createHash('sha256');
  const visit = (relative: string): void => {
    const path = join(rootDir, relative);
    if (!existsSync(path)) return;
    const entries = relative.endsWith('.json')
      ? null
      : readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (entries === null) {
      hash.update(relative).update('\0').update(readFileSync(path));
      return;
    }
    for (const entry of entries) {
      if (NOT_SOURCES.has(entry.name) || entry.name.startsWith('dist.')) continue;
      if (entry.isDirectory()) visit(join(relative, entry.name));
      else
        hash
          .update(join(relative, entry.name))
          .update('\0')
          .update(readFileSync(join(path, entry.name)));
    }
  };
  for (const source of SOURCES) visit(source);
  return hash.digest('hex');
}
