/** A grown chain as a table, as figures, and as drawings. */
import type { Plot } from '../bench-case.ts';
import { linePlot } from '../plot/line-plot.ts';
import type { BlockNote } from '../programs/noted-node.ts';
import { alignTable } from '../table.ts';
import { appendsOf, deciles, lateOverEarly, type AppendNote } from './deciles.ts';

export interface Restart {
  readonly after: 'a clean stop' | 'kill -9';
  /** From the start of the command to the first answer over HTTP, which names the newest block. */
  readonly seconds: number;
  readonly rssBytes: number | undefined;
}

export interface GrowthRun {
  readonly accounts: number;
  /** From the start of the node with an empty folder until it answered. */
  readonly firstStartSeconds: number;
  readonly notes: readonly BlockNote[];
  /** The reference, whenever nothing waited for a block. */
  readonly appends: readonly AppendNote[];
  /** From the first transaction to the last block. */
  readonly elapsedSeconds: number;
  readonly restarts: readonly Restart[];
  /** Bytes of the data folder at the end. */
  readonly storedBytes: number;
}

export function growthText(run: GrowthRun): string {
  const parts = deciles(run.notes);
  const appends = appendsOf(parts, run.appends);
  let before = 0;
  const rows = parts.map((part, index) => {
    before += part.transactions;
    return [
      `to ${before.toLocaleString('en-US')}`,
      String(part.blocks),
      part.msPerThousand.toFixed(1),
      appends[index]!.toFixed(1),
      (appends[index]! / part.msPerThousand).toFixed(3),
      part.slowestMs.toFixed(0),
      mib(part.rssBytes),
    ];
  });
  const { transactions, mostBytes, slowestMs } = totals(run);
  return [
    ...alignTable([
      ['transactions', 'blocks', 'ms per 1,000', 'bare append', 'ratio', 'slowest block ms', 'MiB'],
      ...rows,
    ]),
    '',
    `${transactions.toLocaleString('en-US')} transactions over ${run.accounts.toLocaleString('en-US')} accounts in ${run.elapsedSeconds.toFixed(0)} s (${(transactions / run.elapsedSeconds).toFixed(0)} per s). The slowest block took ${slowestMs.toFixed(0)} ms.`,
    `Closing a block, for each transaction: the last tenth takes ${lateOverEarly(parts, run.accounts).toFixed(2)} of the first one after the token was handed out.`,
    `Memory: at most ${mib(mostBytes)} MiB. Stored: ${mib(run.storedBytes)} MiB.`,
    `A new chain with ${run.accounts.toLocaleString('en-US')} people answered after ${run.firstStartSeconds.toFixed(1)} s.`,
    ...run.restarts.map(
      ({ after, seconds, rssBytes }) =>
        `Restart after ${after}: the first answer came after ${seconds.toFixed(2)} s${rssBytes === undefined ? '' : `, with ${mib(rssBytes)} MiB`}.`,
    ),
  ].join('\n');
}

/** What the table says, for programs. */
export function growthFigures(run: GrowthRun): object {
  const { notes, ...rest } = run;
  const parts = deciles(notes);
  const appendMsPerThousand = appendsOf(parts, run.appends);
  return { ...rest, ...totals(run), parts, appendMsPerThousand, lateOverEarly: lateOverEarly(parts, run.accounts) };
}

export function growthPlots({ notes, appends }: GrowthRun): Plot[] {
  const full = notes.filter(({ transactions }) => transactions > 0);
  let length = 0;
  const placed = full.map((note) => ({ note, length: (length += note.transactions) }));
  const xLabel = 'transactions in the chain';
  const seal = placed.map(({ note, length: x }) => [x, (note.tookMs * 1_000) / note.transactions] as const);
  const memory = placed.map(({ note, length: x }) => [x, note.rssBytes / 2 ** 20] as const);
  return [
    {
      name: 'seal',
      svg: linePlot({
        title: 'Time to close a block, by the length of the chain',
        xLabel,
        yLabel: 'milliseconds for 1,000 transactions',
        series: [
          { label: 'block', points: seal, isScatter: true },
          { label: 'bare append', points: appends.map(({ length: x, msPerThousand }) => [x, msPerThousand]) },
        ],
      }),
    },
    {
      name: 'memory',
      svg: linePlot({
        title: 'Memory, by the length of the chain',
        xLabel,
        yLabel: 'resident memory in MiB',
        series: [{ label: 'work node', points: memory }],
      }),
    },
  ];
}

function totals({ notes }: GrowthRun): { transactions: number; mostBytes: number; slowestMs: number } {
  return {
    transactions: notes.reduce((sum, note) => sum + note.transactions, 0),
    mostBytes: notes.reduce((most, note) => Math.max(most, note.rssBytes), 0),
    slowestMs: notes.reduce((most, note) => Math.max(most, note.tookMs), 0),
  };
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
