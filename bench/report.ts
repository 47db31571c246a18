/** A run as a table for people and as JSON with every raw sample. */
import type { FurtherSamples } from './bench-case.ts';
import type { MachineFacts } from './machine.ts';
import type { SideResult } from './rounds.ts';
import { joinSamples, summarize, type Summary } from './summary.ts';

export interface Run {
  readonly caseName: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly seconds: number;
  readonly connections: number;
  readonly machine: MachineFacts;
  readonly reference: SideResult;
  readonly measured: SideResult;
  readonly further: readonly FurtherSamples[];
}

const HEAD = ['', 'requests', 'errors', 'mean', 'min', 'max', 'median', 'p90', 'p95', 'p99', 'per s', 'ratio'];

/** The table and what has to be known to read it, as lines. Durations in milliseconds. */
export function formatRun(run: Run): string {
  const ratios = run.measured.rounds.map((round, index) => {
    const reference = run.reference.rounds[index];
    return reference === undefined ? 'none' : ratioText(perSecond([round]) / perSecond([reference]));
  });
  const table = [
    HEAD,
    sideRow(run.reference, run.reference),
    sideRow(run.measured, run.reference),
    ...run.further.map(({ name, samplesMs }) => [
      name,
      String(samplesMs.length),
      '',
      ...durations(summarize(samplesMs)),
      '',
      '',
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const busy = [run.reference, run.measured].map(({ name, rounds }) => {
    const share = Math.max(...rounds.map(({ generatorShare }) => generatorShare));
    return `${name} ${(share * 100).toFixed(0)} %`;
  });
  const errors = [run.reference, run.measured].flatMap(({ name, rounds }) =>
    rounds.flatMap(({ firstError }) => (firstError === undefined ? [] : [`First error of ${name}: ${firstError}`])),
  );
  return [
    ...lines,
    '',
    `Milliseconds. Ratio by round: ${ratios.join(', ')}.`,
    `The load generator used at most this share of a core: ${busy.join(', ')}.`,
    ...cpuLines(run),
    ...errors,
  ].join('\n');
}

/** The run with every sample, in milliseconds with three decimals. */
export function runJson(run: Run): string {
  const samples = (samplesMs: Float64Array): number[] => [...samplesMs].map((ms) => Math.round(ms * 1_000) / 1_000);
  const side = ({ name, rounds }: SideResult) => ({
    name,
    perSecond: perSecond(rounds),
    cpuPerAnswerMs: cpuPerAnswerMs(rounds) ?? null,
    summaryMs: summarize(allSamples(rounds)) ?? null,
    rounds: rounds.map((round) => ({ ...round, samplesMs: samples(round.samplesMs) })),
  });
  return JSON.stringify({
    ...run,
    ratio: perSecond(run.measured.rounds) / perSecond(run.reference.rounds),
    reference: side(run.reference),
    measured: side(run.measured),
    further: run.further.map(({ name, samplesMs }) => ({
      name,
      summaryMs: summarize(samplesMs) ?? null,
      samplesMs: samples(samplesMs),
    })),
  });
}

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
function cpuLines({ reference, measured }: Run): string[] {
  const [bare, ours] = [cpuPerAnswerMs(reference.rounds), cpuPerAnswerMs(measured.rounds)];
  if (bare === undefined || ours === undefined) return [];
  const texts = [
    `${reference.name} ${(bare * 1_000).toFixed(0)} µs`,
    `${measured.name} ${(ours * 1_000).toFixed(0)} µs`,
  ];
  return [`Processor time for an answer: ${texts.join(', ')}; by this the ratio is ${ratioText(bare / ours)}.`];
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
