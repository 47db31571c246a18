import { describe, expect, test } from 'vitest';
import { transfersFigures, transfersText, type TransfersRun } from './report.ts';
import type { TransferRound } from './round.ts';

/** A round of ten seconds, after which half a second passed until the last block. */
const round = (chain: string, accepted: number): TransferRound => ({
  ...{ chain, batch: 1, accepted, included: accepted, failed: 0, elapsedMs: 10_500, cpuMs: accepted / 5 },
  load: {
    samplesMs: new Float64Array([1, 2, 3]),
    ...{ errors: 0, firstError: undefined, elapsedMs: 10_000, generatorShare: 0.2, sent: [accepted] },
  },
  ...{ blocks: [], memory: [], ranOut: false },
});

const run: TransfersRun = {
  rounds: [round('work node', 60_000)],
  turns: [
    {
      batch: 1,
      pairs: [
        { ours: round('work node', 60_000), other: round('anvil', 50_000) },
        { ours: round('work node', 30_000), other: round('anvil', 40_000) },
      ],
    },
  ],
  recoverPerSecond: [10_000, 20_000],
};

describe('two chains by turns', () => {
  test('are compared over all turns, and turn by turn', () => {
    const { turns } = transfersFigures(run) as { turns: [{ ratios: number[]; ours: object; other: object }] };
    expect(turns[0].ratios).toEqual([1.2, 0.75]);
    expect(turns[0].ours).toMatchObject({ acceptedPerSecond: 4_500, cpuUsEach: 200, errors: 0 });
    expect(turns[0].other).toMatchObject({ acceptedPerSecond: 4_500, includedPerSecond: 90_000 / 21 });
  });

  test('are told in one sentence', () => {
    expect(transfersText(run)).toContain(
      'work node, single, and anvil, single, by turns: accepted 4500 and 4500 per s, ratio 1.00 (0.75, 1.20); included',
    );
  });
});
