/**
 * Writes docs/openapi.json and docs/errors.md from packages/api. Run: `node scripts/generate-openapi.ts` (`--check`
 * compares and writes nothing).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '@jigeum/api';
import { openApiDocument } from '../apps/server/src/platform/openapi.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each file must hold. */
const files: Record<string, string> = {
  'docs/openapi.json': `${JSON.stringify(openApiDocument({ isHttps: true }), null, 2)}\n`,
  'docs/errors.md': [
    '# Error codes',
    '',
    'Made from `packages/api/src/error-codes.ts` by `node scripts/generate-openapi.ts`; do not edit.',
    '',
    'Every answer with a status of 400 or more is RFC 9457 problem details (`application/problem+json`). Branch on `code`;',
    'it is never reused for another meaning. A request without an answer is unknown, not failed.',
    '',
    '| code | status | English | Korean |',
    '| --- | --- | --- | --- |',
    ...Object.entries(errorCodes).map(([code, { status, en, ko }]) => `| \`${code}\` | ${status} | ${en} | ${ko} |`),
    '',
  ].join('\n'),
};

for (const [path, fresh] of Object.entries(files)) {
  const file = `${ROOT}${path}`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, fresh);
    console.log(`Wrote ${path}.`);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== fresh) {
    console.error(`${path} differs from packages/api. Run: node scripts/generate-openapi.ts`);
    process.exitCode = 1;
  } else {
    console.log(`${path} fits packages/api.`);
  }
}
