/** `npm run faults -- node`: kills the work node under load and damages its folder. */
import type { Scenario } from '../scenario.ts';
import type { Flip } from './flips.ts';
import { runNodeFaults } from './run.ts';

const CYCLES = 200;
const FLIPS = 300;

export const nodeScenario: Scenario = {
  explains: `a work node under load is killed --cycles times (${CYCLES}); after each start nothing that was answered may be
            missing. Then --flips bits (${FLIPS}) of each of two data folders, of a killed and of a stopped node, are flipped:
            it must refuse to start, or tell the same as before`,
  async run({ seed, cycles = CYCLES, flips = FLIPS, tell }) {
    const result = await runNodeFaults({ seed, cycles, flips, tell });
    tell(`${result.answered} answered payments are in ${result.blocks} blocks, each once.\n`);
    tell(table(result.flips));
  },
};

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
