/** Servers killed at every failpoint, and everything around them failing, under load. */
import type { Scenario } from '../scenario.ts';
import { runStorm, type StormResult } from './run.ts';

const CYCLES = 600;

export const stormScenario: Scenario = {
  explains: 'two replicas killed at every failpoint while node, database and network fail (--cycles 600, --minutes)',
  async run({ seed, tell, cycles = CYCLES, minutes }) {
    tell(textOf(await runStorm({ seed, cycles, minutes, tell })));
  },
};

function textOf(result: StormResult): string {
  const failpoints = [...result.failpoints].map(([point, { hits, struck }]) => [point, hits, struck]);
  const faults = [...result.faults].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return [
    `${result.cycles} cycles, no violation. ${result.accepted} payments accepted.`,
    columns([['refused, the money where it was', 'payments'], ...result.refusals]),
    columns([['failpoint', 'passed', 'struck'], ...failpoints]),
    columns([['fault', 'cycles'], ...faults]),
    columns([['webhooks', 'tries'], ...result.webhooks]),
    columns([['signed transactions', 'count'], ...Object.entries(result.ends)]),
  ].join('\n\n');
}

/** The first column to the left, the others to the right. */
function columns(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const cell = (value: string | number, column: number): string =>
    column === 0 ? String(value).padEnd(widths[0]!) : String(value).padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join('   ')).join('\n');
}
