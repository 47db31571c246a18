/** Rounds of transfers as a table, as figures, and as drawings. */
import type { Plot } from '../bench-case.ts';
import { memoryGrowth } from '../memory.ts';
import { linePlot, type Series } from '../plot/line-plot.ts';
import { summarize } from '../summary.ts';
import { alignTable } from '../table.ts';
import type { TransferRound } from './round.ts';

export interface TransfersRun {
  /** Uninterrupted. */
  readonly rounds: readonly TransferRound[];
  readonly turns: readonly TurnsBeside[];
  /** Signatures recovered in a second on one thread with nothing else to do: before, between and after the rounds. */
  readonly recoverPerSecond: readonly number[];
}

/** Two chains that were loaded by turns, turn by turn. */
export interface TurnsBeside {
  readonly batch: number;
  readonly pairs: readonly { readonly ours: TransferRound; readonly other: TransferRound }[];
}

/** The uninterrupted ones, then every turn. */
export const allRounds = ({ rounds, turns }: Pick<TransfersRun, 'rounds' | 'turns'>): readonly TransferRound[] => [
  ...rounds,
  ...turns.flatMap(({ pairs }) => pairs.flatMap(({ ours, other }) => [ours, other])),
];

const HEAD = [
  ...['', 'accepted', 'per s', 'included', 'per s', 'failed', 'errors'],
  ...['median ms', 'p90 ms', 'p99 ms', 'CPU µs each', 'MiB after 20 s', 'MiB at end'],
];

export function transfersText(run: TransfersRun): string {
  const bare = mean(run.recoverPerSecond);
  const table = [HEAD, ...run.rounds.map(row)];
  const shares = run.rounds.map((round) => `${nameOf(round)} ${percent(includedPerSecond(round) / bare)}`);
  const all = allRounds(run);
  const notes = all.flatMap((round) => [
    ...(round.load.firstError === undefined ? [] : [`First error of ${nameOf(round)}: ${round.load.firstError}`]),
    ...(round.ranOut ? [`${nameOf(round)} had sent all that was signed before its time was over.`] : []),
  ]);
  const busy = Math.max(...all.map(({ load }) => load.generatorShare));
  return [
    ...alignTable(table),
    '',
    'Included: in a block, with a receipt that says success; per second until nothing waited any more. Milliseconds are those of a request.',
    `Recovering signatures alone, on one thread: ${run.recoverPerSecond.map((rate) => rate.toFixed(0)).join(', ')} per s. Included per s against it: ${shares.join(', ')}.`,
    ...run.turns.map(comparison),
    `The load generator used at most ${percent(busy)} of a core.`,
    ...notes,
  ].join('\n');
}

/** What the table says, for programs. */
export function transfersFigures({ rounds, turns, recoverPerSecond }: TransfersRun): object {
  return {
    recoverPerSecond,
    turns: turns.map((each) => ({ batch: each.batch, ...beside(each) })),
    rounds: rounds.map((round) => ({
      ...{ chain: round.chain, batch: round.batch, accepted: round.accepted, included: round.included },
      ...{ failed: round.failed, errors: round.load.errors, ranOut: round.ranOut, elapsedMs: round.elapsedMs },
      acceptedPerSecond: acceptedPerSecond(round),
      includedPerSecond: includedPerSecond(round),
      shareOfRecover: includedPerSecond(round) / mean(recoverPerSecond),
      requestMs: summarize(round.load.samplesMs) ?? null,
      memory: memoryGrowth(round.memory) ?? null,
      generatorShare: round.load.generatorShare,
    })),
  };
}

export function transfersPlots({ rounds }: TransfersRun): Plot[] {
  const included = rounds.map((round): Series => ({ label: nameOf(round), points: perSecondOfTime(round) }));
  const memory = rounds.map((round): Series => ({
    label: nameOf(round),
    points: round.memory.map(({ atSeconds, rssBytes }) => [atSeconds, rssBytes / 2 ** 20] as const),
  }));
  const plots = [
    { name: 'included', title: 'Transfers in blocks', yLabel: 'transfers per second', series: included },
    { name: 'memory', title: 'Memory under transfers', yLabel: 'resident memory in MiB', series: memory },
  ];
  return plots
    .filter(({ series }) => series.some(({ points }) => points.length > 0))
    .map(({ name, ...plot }) => ({ name, svg: linePlot({ ...plot, xLabel: 'seconds since the first request' }) }));
}

/** Transfers in blocks over the time since the block before, at the time of each block. The first and last are not whole. */
function perSecondOfTime({ blocks }: TransferRound): (readonly [number, number])[] {
  const [first] = blocks;
  if (first === undefined) return [];
  return blocks.slice(1, -1).flatMap((block, index) => {
    const seconds = block.atSeconds - blocks[index]!.atSeconds;
    return seconds === 0 ? [] : [[block.atSeconds - first.atSeconds, block.succeeded / seconds] as const];
  });
}

function row(round: TransferRound): string[] {
  const latency = summarize(round.load.samplesMs);
  const growth = memoryGrowth(round.memory);
  const mib = (bytes: number | undefined): string => (bytes === undefined ? '' : (bytes / 2 ** 20).toFixed(0));
  return [
    nameOf(round),
    String(round.accepted),
    acceptedPerSecond(round).toFixed(0),
    String(round.included),
    includedPerSecond(round).toFixed(0),
    String(round.failed),
    String(round.load.errors),
    ...[latency?.p50, latency?.p90, latency?.p99].map((ms) => ms?.toFixed(1) ?? 'none'),
    round.cpuMs === undefined ? '' : ((round.cpuMs * 1_000) / round.included).toFixed(0),
    mib(growth?.earlyBytes),
    mib(growth?.lateBytes ?? round.memory.at(-1)?.rssBytes),
  ];
}

/** What two chains took, turn by turn. */
function beside({ pairs }: TurnsBeside) {
  const ours = pairs.map((pair) => pair.ours);
  const other = pairs.map((pair) => pair.other);
  return {
    ours: totals(ours),
    other: totals(other),
    /** Of each pair of turns, the transfers accepted a second. */
    ratios: pairs.map((pair) => acceptedPerSecond(pair.ours) / acceptedPerSecond(pair.other)),
  };
}

function totals(rounds: readonly TransferRound[]) {
  const total = (of: (round: TransferRound) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  const included = total((round) => round.included);
  return {
    name: nameOf(rounds[0]!),
    acceptedPerSecond: total(({ accepted }) => accepted) / (total(({ load }) => load.elapsedMs) / 1_000),
    includedPerSecond: included / (total(({ elapsedMs }) => elapsedMs) / 1_000),
    cpuUsEach: (total(({ cpuMs = NaN }) => cpuMs) * 1_000) / included,
    errors: total(({ load, failed }) => load.errors + failed),
  };
}

/** The first chain against the other. */
function comparison(turns: TurnsBeside): string {
  const { ours, other, ratios } = beside(turns);
  const sorted = ratios.toSorted((left, right) => left - right);
  const rates = (of: 'acceptedPerSecond' | 'includedPerSecond'): string =>
    `${ours[of].toFixed(0)} and ${other[of].toFixed(0)} per s, ratio ${(ours[of] / other[of]).toFixed(2)}`;
  return [
    `${ours.name}, and ${other.name}, by turns: accepted ${rates('acceptedPerSecond')}`,
    ` (${sorted.map((ratio) => ratio.toFixed(2)).join(', ')});`,
    ` included, with the wait for the last block, ${rates('includedPerSecond')};`,
    ` CPU µs each ${ours.cpuUsEach.toFixed(0)} and ${other.cpuUsEach.toFixed(0)}; errors ${ours.errors} and ${other.errors}.`,
  ].join('');
}

const nameOf = ({ chain, batch }: TransferRound): string =>
  batch === 1 ? `${chain}, single` : `${chain}, batches of ${batch}`;

const acceptedPerSecond = ({ accepted, load }: TransferRound): number => accepted / (load.elapsedMs / 1_000);
const includedPerSecond = ({ included, elapsedMs }: TransferRound): number => included / (elapsedMs / 1_000);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
