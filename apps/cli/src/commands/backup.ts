/** `jigeum backup` and `jigeum restore`: the database in one file. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readCliConfig } from '../config.ts';
import { restoreDatabase } from '../embedded/restore-database.ts';
import { Refusal } from '../refusal.ts';
import { serverCommand } from './server.ts';

const BACKUP_USAGE = `Usage: jigeum backup <file> [--data <folder>]

Writes the database of a running "npm start" into <file>, as it is at one moment; payments go on. With a PostgreSQL of your
own: the same, with the settings of docs/operating/configuration.md in the environment (MIGRATION_DATABASE_URL), or pg_dump.
Keep the folder "secrets" with it, elsewhere: without the server key a backup opens no wallet.`;

const RESTORE_USAGE = `Usage: jigeum restore <file> [--data <folder>]

Reads a backup into the database of a stopped "npm start". The database that was there is kept under another name. The next
start compares it with the chain: see docs/operating/database-restored.md. With a PostgreSQL of your own:
node apps/server/src/main.ts restore <file>, into an empty database.`;

export async function backupCommand(argv: string[]): Promise<void> {
  const { file, dataDir } = read(argv, BACKUP_USAGE);
  if (file === undefined) return;
  await serverCommand(['backup', file], [`--env-file-if-exists=${join(dataDir, 'server.env')}`]);
}

export async function restoreCommand(argv: string[]): Promise<void> {
  const { file, dataDir } = read(argv, RESTORE_USAGE);
  if (file === undefined) return;
  if (!existsSync(file)) throw new Refusal(`There is no file ${file}.`);
  const restored = await restoreDatabase(readCliConfig(), { dataDir, file, say: (sentence) => console.log(sentence) });
  console.log(restored.summary);
  console.log(`The database that was there is kept as ${restored.keptAs}. Start with: npm start -- --data ${dataDir}`);
}

function read(argv: string[], usage: string): { file: string | undefined; dataDir: string } {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { data: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  const dataDir = resolve(values.data ?? join(readCliConfig().rootDir, 'data'));
  const [file, ...rest] = positionals;
  if (values.help) console.log(usage);
  else if (file === undefined || rest.length > 0) throw new Refusal(usage);
  return { file: values.help || file === undefined ? undefined : resolve(file), dataDir };
}
