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
  return { path, arm, counts: () => countsOf(`${path}.hits`) };
}

function countsOf(path: string): Map<Failpoint, FailpointCount> {
  const counts = new Map<Failpoint, FailpointCount>(FAILPOINTS.map((point) => [point, { hits: 0, struck: 0 }]));
  if (!existsSync(path)) return counts;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [point, act] = line.split(' ') as [Failpoint, string?];
    const count = counts.get(point);
    if (count === undefined) continue;
    counts.set(point, act === undefined ? { ...count, hits: count.hits + 1 } : { ...count, struck: count.struck + 1 });
  }
  return counts;
}
