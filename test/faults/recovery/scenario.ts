import type { Scenario } from '../scenario.ts';
import { RECOVERIES, runRecoveries, worstOf } from './run.ts';

const ROUNDS = 5;

/** `npm run faults -- recovery`. */
export const recoveryScenario: Scenario = {
  explains: `measures --rounds times (${ROUNDS}) each: ${RECOVERIES.map(({ name, boundMs }) => `${name} within ${boundMs / 1000} s`).join('; ')}`,
  async run({ seed, rounds = ROUNDS, tell }) {
    const measured = await runRecoveries({ seed, times: rounds, tell });
    const missed = measured.filter((each) => worstOf(each) > each.boundMs);
    if (missed.length > 0)
      throw new Error(`Expected every promised time to be kept, missed: ${missed.map(({ name }) => name).join('; ')}.`);
  },
};
