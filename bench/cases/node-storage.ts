/** What it costs to keep a full block: the node's storage beside a bare append and beside a row for each thing, by turns. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase, BenchSetting, CaseReport } from '../bench-case.ts';
import { startChild, type Child } from '../child.ts';
import { linePlot } from '../plot/line-plot.ts';
import type { CommitAnswer, CommitOrder } from '../programs/storage-worker.ts';
import type { EngineName } from '../storage/engines.ts';
import { TRANSACTIONS_PER_BLOCK } from '../storage/workload.ts';
import { summarize } from '../summary.ts';
import { alignTable } from '../table.ts';

export const nodeStorage: BenchCase = {
  name: 'node-storage',
  explains: 'the storage alone: --transactions in full blocks, against a bare append and a row for each thing',
  // The chain decides when it is long enough.
  secondsDefault: 3_600,
  connectionsDefault: 1,
  connectionsMax: 1,
  run,
};

/** The first is the reference. */
const NAMES: readonly EngineName[] = ['append', 'rows', 'jigeum'];
/** Blocks of one engine before it is the next one's turn. */
const TURN = 10;
/** The table has as many columns: a chain that costs more when it is long shows it. */
const PARTS = 4;

interface Measured {
  readonly name: EngineName;
  readonly worker: Child<unknown>;
  readonly tookMs: number[];
  cpuMs: number;
}

async function run({ closing, say, transactions }: BenchSetting): Promise<CaseReport> {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-bench-'));
  closing.defer(() => rmSync(folder, { recursive: true, force: true }));
  const engines: Measured[] = [];
  for (const name of NAMES) {
    const place = join(folder, name);
    mkdirSync(place);
    const worker = await startChild(new URL('../programs/storage-worker.ts', import.meta.url), [name, place]);
    closing.defer(() => worker.stop());
    engines.push({ name, worker, tookMs: [], cpuMs: 0 });
  }
  const turns = Math.max(PARTS, Math.round(transactions / TRANSACTIONS_PER_BLOCK / TURN));
  say(`${turns * TURN} blocks of ${TRANSACTIONS_PER_BLOCK} transactions each, ${TURN} by turns …`);
  // Thrown away: code is compiled, and the disk is awake.
  for (const { worker } of engines) await worker.ask<CommitAnswer>({ blocks: TURN } satisfies CommitOrder);
  for (let turn = 0; turn < turns; turn++) {
    for (const engine of engines) {
      const { tookMs, cpuMs } = await engine.worker.ask<CommitAnswer>({ blocks: TURN } satisfies CommitOrder);
      engine.tookMs.push(...tookMs);
      engine.cpuMs += cpuMs;
    }
  }
  return {
    text: textOf(engines),
    figures: engines.map(figuresOf),
    samples: engines.map(({ name, tookMs }) => ({ name, tookMs })),
    plots: [{ name: 'blocks', svg: plotOf(engines) }],
    errors: 0,
  };
}

const partsOf = (tookMs: readonly number[]): number[] =>
  Array.from({ length: PARTS }, (_, part) => {
    const at = (edge: number): number => Math.floor((tookMs.length * edge) / PARTS);
    return summarize(Float64Array.from(tookMs.slice(at(part), at(part + 1))))!.p50;
  });

function figuresOf({ name, tookMs, cpuMs }: Measured) {
  const { mean, p50, p99, max } = summarize(Float64Array.from(tookMs))!;
  const cpuUs = (cpuMs * 1_000) / (tookMs.length * TRANSACTIONS_PER_BLOCK);
  return { name, meanMs: mean, p50Ms: p50, p99Ms: p99, maxMs: max, partsMs: partsOf(tookMs), cpuUs };
}

function textOf(engines: readonly Measured[]): string {
  const figures = engines.map(figuresOf);
  const referenceMs = figures[0]!.meanMs;
  const head = ['engine', 'ms a block', 'p99', 'max', 'in quarters', '', '', '', 'CPU µs each', 'per s', 'of append'];
  const rows = figures.map(({ name, meanMs, p99Ms, maxMs, partsMs, cpuUs }) => [
    name,
    ...[meanMs, p99Ms, maxMs, ...partsMs, cpuUs].map((figure) => figure.toFixed(1)),
    ((TRANSACTIONS_PER_BLOCK * 1_000) / meanMs).toFixed(0),
    (referenceMs / meanMs).toFixed(3),
  ]);
  return [
    ...alignTable([head, ...rows]),
    '',
    'Each block is on the disk before the next one. append keeps nothing by which it could be found again.',
    'CPU µs each: processor time of the whole process for one transaction.',
  ].join('\n');
}

const plotOf = (engines: readonly Measured[]): string =>
  linePlot({
    title: 'Time to keep a block of 2,500 transfers, by the length of the chain',
    xLabel: 'transactions in the chain',
    yLabel: 'milliseconds until the disk had it',
    series: engines.map(({ name, tookMs }) => ({
      label: name,
      isScatter: true,
      points: tookMs.map((ms, index) => [(index + 1) * TRANSACTIONS_PER_BLOCK, ms] as const),
    })),
  });
