/** A case that sends the same load to a bare reference and to what is measured, in turn. */
import type { BenchCase, BenchSetting, CaseReport, Plot } from './bench-case.ts';
import { startLoadGenerator } from './load/generator.ts';
import { watchMemory, type MemorySample } from './memory.ts';
import { linePlot } from './plot/line-plot.ts';
import { pairFigures, pairSamples, pairText, type PairRun } from './report.ts';
import { ROUNDS, runRounds, WARM_UP_SECONDS, type Side, type SideResult } from './rounds.ts';
import { joinSamples, percentile } from './summary.ts';

export interface StartedPair {
  readonly reference: Side;
  readonly measured: Side;
}

export type StartPair = (setting: BenchSetting) => Promise<StartedPair>;

/** A case of two sides. What `start` starts, it ends through `closing`. */
export function pairCase({ start, ...facts }: Omit<BenchCase, 'run'> & { readonly start: StartPair }): BenchCase {
  return { ...facts, run: (setting) => runPair(facts.name, start, setting) };
}

async function runPair(caseName: string, start: StartPair, setting: BenchSetting): Promise<CaseReport> {
  const { connections, seconds, closing, say } = setting;
  say(
    `${caseName}: ${connections} connections, ${seconds} s each side in ${ROUNDS} rounds by turns, after ${WARM_UP_SECONDS} s of warm-up\n`,
  );
  const generator = await startLoadGenerator();
  closing.defer(() => generator.stop());
  const pair = await start(setting);
  let memory: ReturnType<typeof watchMemory> | undefined;
  const begin = (): void => {
    if (pair.measured.pid !== undefined) memory = watchMemory(pair.measured.pid);
  };
  const sides = await runRounds(generator, pair, { connections, seconds, begin });
  const memorySamples = memory?.stop() ?? [];
  const run: PairRun = { ...sides, memory: memorySamples };
  return {
    text: pairText(run),
    figures: pairFigures(run),
    samples: pairSamples(run),
    plots: [latencyPlot(caseName, connections, sides), ...memoryPlot(caseName, sides.measured.name, memorySamples)],
    errors: [...sides.reference.rounds, ...sides.measured.rounds].reduce((sum, round) => sum + round.errors, 0),
  };
}

/** The slowest answer among so many percent, from the first to the 99th: the tail of one in a hundred has no room in a plot. */
function latencyPlot(
  caseName: string,
  connections: number,
  sides: { readonly reference: SideResult; readonly measured: SideResult },
): Plot {
  const series = [sides.reference, sides.measured].map(({ name, rounds }) => {
    const sorted = joinSamples(rounds.map(({ samplesMs }) => samplesMs)).sort();
    const percents = sorted.length === 0 ? [] : Array.from({ length: 99 }, (_, index) => index + 1);
    return { label: name, points: percents.map((percent) => [percent, percentile(sorted, percent)] as const) };
  });
  const svg = linePlot({
    title: `${caseName}: time to an answer at ${connections} connections`,
    xLabel: 'percent of answers that took at most this long',
    yLabel: 'milliseconds',
    series,
  });
  return { name: 'latency', svg };
}

function memoryPlot(caseName: string, side: string, samples: readonly MemorySample[]): Plot[] {
  if (samples.length < 2) return [];
  const points = samples.map(({ atSeconds, rssBytes }) => [atSeconds, rssBytes / 2 ** 20] as const);
  const svg = linePlot({
    title: `${caseName}: memory`,
    xLabel: 'seconds since the warm-up, both sides by turns',
    yLabel: 'resident memory in MiB',
    series: [{ label: side, points }],
  });
  return [{ name: 'memory', svg }];
}
