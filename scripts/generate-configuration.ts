/**
 * Writes docs/operating/configuration.md from the settings' schema. Run: `node scripts/generate-configuration.ts`
 * (`--check` compares and writes nothing).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { settings } from '../apps/server/src/config.ts';

const FILE = fileURLToPath(new URL('../docs/operating/configuration.md', import.meta.url));

/** The page's text. Pure. */
function configurationPage(): string {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const field = schema as z.ZodType;
    const fallback = field.safeParse(undefined);
    const shown = !fallback.success
      ? '**required**'
      : fallback.data === undefined
        ? '–'
        : `\`${JSON.stringify(fallback.data, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\``;
    return `| \`${name}\` | ${shown} | ${(field.description ?? '').replaceAll('|', '\\|')} |`;
  });
  return [
    '# Configuration of the payment server',
    '',
    'Made from `apps/server/src/config.ts` by `node scripts/generate-configuration.ts`; do not edit.',
    '',
    'The server reads its settings from the environment once, at start. It refuses to start while one is missing or wrong',
    'and names every problem at once. `npm run jigeum -- config` prints what it would use, without passwords.',
    '',
    'Secrets are never values: a setting whose name ends in `_FILE` names a file. The server refuses a secret file that',
    'its group or others may read or write (`chmod 0400`). `npm start` makes all of them for the embedded parts.',
    '',
    '| name | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** True where the page in docs/ fits the schema. */
function isFresh(): boolean {
  try {
    return readFileSync(FILE, 'utf8') === configurationPage();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return false;
    throw error;
  }
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, configurationPage());
    console.log(`Wrote ${FILE}.`);
  } else if (isFresh()) {
    console.log('docs/operating/configuration.md fits the settings.');
  } else {
    console.error(
      'docs/operating/configuration.md differs from the settings. Run: node scripts/generate-configuration.ts',
    );
    process.exitCode = 1;
  }
}
