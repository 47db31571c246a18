/** `npm run faults -- audit`: changes an audit log in every way that needs no key, and looks for each change. */
import type { Scenario } from '../scenario.ts';
import { runAuditFaults, type Attempt } from './run.ts';

const COUNT = 10_000;
const ROWS = 2_000;

export const auditScenario: Scenario = {
  explains: `an audit log of ${ROWS} rows is changed --count times (${COUNT}) by somebody who owns the database and has no key:
            the verification must find each change, and name the row where one row was changed`,
  async run({ seed, count = COUNT, tell }) {
    const { attempts, rate } = await runAuditFaults({ seed, count, rows: ROWS, tell });
    tell(table(attempts));
    const missed = attempts.filter(({ isFound, isNamed }) => !isFound || isNamed === false);
    tell(`${attempts.length - missed.length} of ${attempts.length} changes were found; ${rate} rows/s were verified.`);
    const [first] = missed;
    if (first !== undefined)
      throw new Error(
        `Expected every change to be found, got ${missed.length} that were not, the first: ${JSON.stringify(first)}`,
      );
  },
};

function table(attempts: readonly Attempt[]): string {
  const rows = [...Map.groupBy(attempts, ({ mutation }) => mutation)].map(([mutation, list]) => {
    const found = list.filter(({ isFound }) => isFound).length;
    return `${mutation.padEnd(60)}${String(list.length).padStart(6)}${String(found).padStart(8)}`;
  });
  return [`${'change'.padEnd(60)}${'tried'.padStart(6)}${'found'.padStart(8)}`, ...rows].join('\n');
}
