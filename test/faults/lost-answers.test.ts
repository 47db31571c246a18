/** A few seconds of `npm run faults -- lost-answers`, which runs ten minutes. */
import { expect, test } from 'vitest';
import { runLostAnswers } from './lost-answers/run.ts';

test('pays once and forgets nothing while half of what the node answers is lost', async () => {
  const { accepted, lost } = await runLostAnswers({ seed: 'test', forMs: 8_000, tell: () => undefined });
  expect(accepted).toBeGreaterThan(0);
  expect(lost).toBeGreaterThan(0);
});
