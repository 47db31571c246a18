/** The file by which the servers' failpoints are armed, and what it has told of their hits. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { FAILPOINTS, type Failpoint, type FailpointOrder } from '../../../apps/server/src/platform/failpoint.ts';

export { FAILPOINTS, type Failpoint, type FailpointOrder };

export interface FailpointCount {
  /** Times that a server came by. */
  readonly hits: number;
  /** Times that it did there what the plan said. */
  readonly struck: number;
}

/** The plan of one server. */
export interface FailpointFile {
  readonly path: string;
  /** Arms one point from now on, or none. Hits are counted anew. */
  arm(order: { readonly point: Failpoint; readonly order: FailpointOrder } | null): void;
  counts(): ReadonlyMap<Failpoint, FailpointCount>;
  /** Every process that was struck so far, in order. One that was killed may take a moment to end. */
  struckPids(): readonly number[];
}

/** Makes the file, with nothing armed. */
export function createFailpointFile(path: string): FailpointFile {
  let run = 0;
  const arm: FailpointFile['arm'] = (armed) => {
    run++;
    const plan = { run: String(run), points: armed === null ? {} : { [armed.point]: armed.order } };
    writeFileSync(`${path}.next`, JSON.stringify(plan), { mode: 0o600 });
    renameSync(`${path}.next`, path);
  };
  arm(null);
  const hits = `${path}.hits`;
  return { path, arm, counts: () => countsOf(linesOf(hits)), struckPids: () => pidsOf(linesOf(hits)) };
}

/** The last line may be under way: it is there when its end is. */
const linesOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];

function countsOf(lines: readonly string[]): Map<Failpoint, FailpointCount> {
  const counts = new Map<Failpoint, FailpointCount>(FAILPOINTS.map((point) => [point, { hits: 0, struck: 0 }]));
  for (const line of lines) {
    const [point, act] = line.split(' ') as [Failpoint, string?];
    const count = counts.get(point);
    if (count === undefined) continue;
    counts.set(point, act === undefined ? { ...count, hits: count.hits + 1 } : { ...count, struck: count.struck + 1 });
  }
  return counts;
}

const pidsOf = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => {
    const pid = line.split(' ')[2];
    return pid === undefined ? [] : [Number.parseInt(pid, 10)];
  });
