/** Reads a backup into the embedded database of a stopped instance. The database that was there is kept under another name. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { systemClock } from '@jigeum/std';
import type { CliConfig } from '../config.ts';
import { Refusal } from '../refusal.ts';
import { startChild } from './child.ts';
import { openDataFolder } from './data-folder.ts';
import { DATABASE, makeSecrets, runnerInput, serverEnv } from './instance.ts';
import { postgresRunnerFile, preparePostgresHome } from './postgres-home.ts';

const RESTORE_WITHIN_MS = 3_600_000;

/** Returns what was said of it, and the name under which the earlier database is kept. Throws a `Refusal`. */
export async function restoreDatabase(
  config: CliConfig,
  input: { dataDir: string; file: string; say: (sentence: string) => void },
): Promise<{ summary: string; keptAs: string }> {
  const folder = openDataFolder(input.dataDir);
  try {
    const secrets = makeSecrets(folder);
    const home = preparePostgresHome({ instanceDir: folder.path, tmpDir: config.tmpDir });
    const postgres = await startChild({
      name: 'postgres',
      label: 'Database',
      args: [postgresRunnerFile, JSON.stringify(runnerInput(home, secrets))],
      env: config.childEnv,
      cwd: config.rootDir,
      logFile: folder.file('logs', 'postgres.log'),
      say: input.say,
    });
    try {
      const password = readFileSync(secrets.databaseOwner, 'utf8').trim();
      const owner = new pg.Client({ host: home.socketDir, user: 'jigeum_owner', password, database: 'postgres' });
      await owner.connect();
      const stamp = new Date(systemClock.nowMs())
        .toISOString()
        .replaceAll(/[-:]|\.\d+Z$/g, '')
        .toLowerCase();
      const keptAs = `${DATABASE}_before_${stamp}`;
      try {
        await owner.query(`alter database ${DATABASE} rename to ${pg.escapeIdentifier(keptAs)}`);
        await owner.query(`create database ${DATABASE}`);
        try {
          const env = { ...config.childEnv, ...serverEnv(folder, secrets, home), ...NOT_NEEDED };
          return { summary: await runRestore(config, env, input.file), keptAs };
        } catch (error) {
          // As it was before: a restore that failed must not leave an empty database behind.
          await owner.query(`drop database ${DATABASE}`);
          await owner.query(`alter database ${pg.escapeIdentifier(keptAs)} rename to ${DATABASE}`);
          throw error;
        }
      } finally {
        await owner.end();
      }
    } finally {
      await postgres.stop();
    }
  } finally {
    folder.release();
  }
}

/** Settings that the server checks and a restore does not use. */
const NOT_NEEDED = {
  CHAIN_URL: 'http://127.0.0.1:1',
  CHAIN_ID: '1',
  CA_URL: 'http://127.0.0.1:1',
  IDENTITY_URL: 'http://127.0.0.1:1',
  BANK_URL: 'http://127.0.0.1:1',
};

async function runRestore(config: CliConfig, env: Record<string, string>, file: string): Promise<string> {
  const main = join(config.rootDir, 'apps/server/src/main.ts');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'restore', file], {
      env,
      timeout: RESTORE_WITHIN_MS,
    });
    return stdout.trim().split('\n').at(-1) ?? '';
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Refusal(stderr?.trim() || 'The restore did not end within an hour. The database is as it was.');
  }
}
