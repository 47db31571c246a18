/** A run of two sides as a table for people, as figures, and as every sample. */
import type { MemorySample } from './memory.ts';
import type { SideResult } from './rounds.ts';
import { alignTable } from './table.ts';
import { joinSamples, summarize, type Summary } from './summary.ts';

export interface PairRun {
  readonly reference: SideResult;
  readonly measured: SideResult;
  /** Of the measured side's process. */
  readonly memory: readonly MemorySample[];
}

const HEAD = ['', 'requests', 'errors', 'mean', 'min', 'max', 'median', 'p90', 'p95', 'p99', 'per s', 'ratio'];

/** The table and what has to be known to read it, as lines. Durations in milliseconds. */
export function pairText(run: PairRun): string {
  const ratios = run.measured.rounds.map((round, index) => {
    const reference = run.reference.rounds[index];
    return reference === undefined ? 'none' : ratioText(perSecond([round]) / perSecond([reference]));
  });
  const table = [HEAD, sideRow(run.reference, run.reference), sideRow(run.measured, run.reference)];
  const busy = [run.reference, run.measured].map(({ name, rounds }) => {
    const share = Math.max(...rounds.map(({ generatorShare }) => generatorShare));
    return `${name} ${(share * 100).toFixed(0)} %`;
  });
  const errors = [run.reference, run.measured].flatMap(({ name, rounds }) =>
    rounds.flatMap(({ firstError }) => (firstError === undefined ? [] : [`First error of ${name}: ${firstError}`])),
  );
  return [
    ...alignTable(table),
    '',
    `Milliseconds. Ratio by round: ${ratios.join(', ')}.`,
    `The load generator used at most this share of a core: ${busy.join(', ')}.`,
    ...cpuLines(run),
    ...memoryLines(run),
    ...errors,
  ].join('\n');
}

/** What the table says, for programs. Durations in milliseconds. */
export function pairFigures({ reference, measured }: PairRun): object {
  const side = ({ name, rounds }: SideResult) => ({
    name,
    perSecond: perSecond(rounds),
    errors: rounds.reduce((count, round) => count + round.errors, 0),
    cpuPerAnswerMs: cpuPerAnswerMs(rounds) ?? null,
    durationsMs: summarize(allSamples(rounds)) ?? null,
  });
  const [bareMs, oursMs] = [cpuPerAnswerMs(reference.rounds), cpuPerAnswerMs(measured.rounds)];
  return {
    ratio: perSecond(measured.rounds) / perSecond(reference.rounds),
    ratioByCpu: bareMs === undefined || oursMs === undefined ? null : bareMs / oursMs,
    reference: side(reference),
    measured: side(measured),
  };
}

/** Every sample, in milliseconds with three decimals. */
export function pairSamples({ reference, measured, memory }: PairRun): object {
  const side = ({ rounds }: SideResult) =>
    rounds.map((round) => ({ ...round, samplesMs: roundedSamples(round.samplesMs) }));
  return {
    reference: side(reference),
    measured: side(measured),
    memory,
  };
}

/** Samples as a list that is not longer on disk than what was measured deserves. */
export const roundedSamples = (samplesMs: Float64Array): number[] =>
  Array.from(samplesMs, (ms) => Math.round(ms * 1_000) / 1_000);

function sideRow(side: SideResult, reference: SideResult): string[] {
  const errors = side.rounds.reduce((count, round) => count + round.errors, 0);
  const summary = summarize(allSamples(side.rounds));
  const rate = perSecond(side.rounds);
  return [
    side.name,
    String((summary?.count ?? 0) + errors),
    String(errors),
    ...durations(summary),
    rate.toFixed(1),
    ratioText(rate / perSecond(reference.rounds)),
  ];
}

/** Nothing where the processor time of a side is not known. */
function cpuLines({ reference, measured }: PairRun): string[] {
  const [bare, ours] = [cpuPerAnswerMs(reference.rounds), cpuPerAnswerMs(measured.rounds)];
  if (bare === undefined || ours === undefined) return [];
  const texts = [
    `${reference.name} ${(bare * 1_000).toFixed(0)} µs`,
    `${measured.name} ${(ours * 1_000).toFixed(0)} µs`,
  ];
  return [`Processor time for an answer: ${texts.join(', ')}; by this the ratio is ${ratioText(bare / ours)}.`];
}

function memoryLines({ measured, memory }: PairRun): string[] {
  const most = memory.reduce((max, { rssBytes }) => Math.max(max, rssBytes), 0);
  return most === 0 ? [] : [`Memory of ${measured.name}: at most ${(most / 2 ** 20).toFixed(0)} MiB.`];
}

function cpuPerAnswerMs(rounds: SideResult['rounds']): number | undefined {
  let totalMs = 0;
  for (const { cpuMs } of rounds) {
    if (cpuMs === undefined) return undefined;
    totalMs += cpuMs;
  }
  return totalMs / allSamples(rounds).length;
}

function durations(summary: Summary | undefined): string[] {
  if (summary === undefined) return Array.from({ length: 7 }, () => 'none');
  const { mean, min, max, p50, p90, p95, p99 } = summary;
  return [mean, min, max, p50, p90, p95, p99].map((ms) => ms.toFixed(2));
}

const allSamples = (rounds: SideResult['rounds']): Float64Array =>
  joinSamples(rounds.map(({ samplesMs }) => samplesMs));

/** Good answers per second of the time in which they were asked for. */
function perSecond(rounds: SideResult['rounds']): number {
  const elapsedMs = rounds.reduce((total, round) => total + round.elapsedMs, 0);
  return allSamples(rounds).length / (elapsedMs / 1_000);
}

const ratioText = (ratio: number): string => (Number.isFinite(ratio) ? ratio.toFixed(3) : 'none');
