/** `npm run faults -- node`: kills the work node under load and damages its folder, and says how to repeat what went wrong. */
import { parseArgs } from 'node:util';
import { runNodeFaults } from './node/run.ts';
import type { Flip } from './node/flips.ts';

const USAGE = `Usage: npm run faults -- node [--cycles 200] [--flips 300] [--seed 1]

node      a work node under load is killed at random moments; after each start nothing that was answered may be missing.
          Then bits of its data folder are flipped: it must refuse to start, or tell the same as before
--cycles  kills
--flips   changed bits in each of two folders, that of a killed node and that of a stopped one
--seed    the same seed chooses the same moments and bits; when a kill hits is still up to the machine`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: 'string', default: '200' },
    flips: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const [cycles, flips] = [values.cycles, values.flips].map((text) => (/^[0-9]{1,6}$/.test(text) ? Number(text) : -1));
if (values.help) console.log(USAGE);
else if (positionals.join() !== 'node' || cycles! < 1 || flips! < 0) {
  console.error(USAGE);
  process.exitCode = 1;
} else await run({ seed: values.seed, cycles: cycles!, flips: flips! });

async function run(options: { readonly seed: string; readonly cycles: number; readonly flips: number }): Promise<void> {
  const { seed, cycles } = options;
  console.log(`seed ${seed}, ${cycles} kills`);
  try {
    const result = await runNodeFaults({ ...options, tell: (line) => console.log(line) });
    console.log(`${result.answered} answered payments are in ${result.blocks} blocks, each once.\n`);
    console.log(table(result.flips));
  } catch (error) {
    console.error(error);
    console.error(`\nRepeat it: npm run faults -- node --cycles ${cycles} --flips ${options.flips} --seed ${seed}`);
    process.exitCode = 1;
  }
}

/** How many flips ended how, by file and table. */
function table(flips: readonly Flip[]): string {
  const counts = new Map<string, Record<Flip['outcome'], number>>();
  for (const { file, table: name, outcome } of flips) {
    const place = name === '' ? file : `${file}: ${name}`;
    const row = counts.get(place) ?? { 'names a block': 0, refused: 0, unchanged: 0 };
    counts.set(place, { ...row, [outcome]: row[outcome] + 1 });
  }
  const head = `${'changed bit in'.padEnd(44)}block named   refused otherwise   unread, nothing changed`;
  const rows = [...counts]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([place, row]) =>
        `${place.padEnd(44)}${`${row['names a block']}`.padStart(11)}${`${row.refused}`.padStart(20)}${`${row.unchanged}`.padStart(26)}`,
    );
  return [head, ...rows].join('\n');
}
