/**
 * Writes docs/protocol/errors.md from packages/symverse. Run: `node scripts/generate-protocol-errors.ts` (`--check` compares
 * and writes nothing).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SCT_FAILURES } from '@jigeum/symverse';
import {
  RPC_CODE,
  RPC_CODE_SENTENCES,
  RPC_REFUSAL_SENTENCES,
  RPC_REFUSALS,
  RPC_UNKNOWN_SENTENCES,
} from '@jigeum/symverse/rpc';

const PATH = 'docs/protocol/errors.md';

/** Rows of a table, each a list of cells. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const code = (text: string | number): string => `\`${text}\``;

const fresh = [
  '# Errors of the chain',
  '',
  'Made from `packages/symverse` by `node scripts/generate-protocol-errors.ts`; do not edit. The sentences are ours.',
  '',
  '## errCode of a receipt',
  '',
  'An SCT call that failed is in a block: its receipt has status `0x0` and one of these codes (all that the developer documents',
  'name). Nothing but the fee was taken.',
  '',
  ...table(
    ['errCode', 'hex', 'name', 'English', 'Korean'],
    SCT_FAILURES.map((row) => [code(row.code), code(`0x${row.code.toString(16)}`), code(row.name), row.en, row.ko]),
  ),
  '',
  '## Refusals of a transaction',
  '',
  'A node refuses with code -32000 and a text. gsym publishes neither codes nor texts: these are of the family of its code base,',
  'go-ethereum. Our node also sends the reason in `data.reason`. Branch on the reason, never on the text.',
  '',
  ...table(
    ['reason', 'text begins with', 'English', 'Korean'],
    Object.entries(RPC_REFUSAL_SENTENCES).map(([reason, { en, ko }]) => [
      code(reason),
      RPC_REFUSALS[reason as keyof typeof RPC_REFUSALS],
      en,
      ko,
    ]),
  ),
  '',
  '## Codes of JSON-RPC',
  '',
  ...table(
    ['code', 'name', 'English', 'Korean'],
    Object.entries(RPC_CODE_SENTENCES).map(([name, { en, ko }]) => [
      code(RPC_CODE[name as keyof typeof RPC_CODE]),
      code(name),
      en,
      ko,
    ]),
  ),
  '',
  '## No answer',
  '',
  'A call without a usable answer may have been carried out. It is unknown, not failed: ask for the hash.',
  '',
  ...table(
    ['kind', 'English', 'Korean'],
    Object.entries(RPC_UNKNOWN_SENTENCES).map(([kind, { en, ko }]) => [code(kind), en, ko]),
  ),
  '',
].join('\n');

const file = fileURLToPath(new URL(`../${PATH}`, import.meta.url));
if (!process.argv.includes('--check')) {
  writeFileSync(file, fresh);
  console.log(`Wrote ${PATH}.`);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== fresh) {
  console.error(`${PATH} differs from packages/symverse. Run: node scripts/generate-protocol-errors.ts`);
  process.exitCode = 1;
} else {
  console.log(`${PATH} fits packages/symverse.`);
}
