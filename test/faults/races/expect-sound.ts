/** The end of each race: everything has ended, and the checker finds nothing. */
import { readFileSync } from 'node:fs';
import type { Cluster } from '../../cluster/cluster.ts';
import { createChecker, type Checker } from '../checker/checker.ts';

export const checkerOf = (cluster: Cluster): Checker =>
  createChecker({
    databaseUrl: cluster.postgres.ownerUrl,
    rpcUrl: cluster.node.rpcUrl,
    serverKey: cluster.folder.serverKey,
  });

const SHOWN_MAX = 10;

/** Throws with what is wrong: violations, or a server that ended by itself. */
export async function expectSound(cluster: Cluster, checker: Checker, options: { isDrained: boolean }): Promise<void> {
  if (options.isDrained) await cluster.untilDrained();
  const { violations } = await checker.check({ ...options, answers: cluster.payments.answers, isFull: true });
  const shown = violations.slice(0, SHOWN_MAX).map(({ rule, subject, text }) => `${rule} ${subject}: ${text}`);
  if (violations.length > 0)
    throw new Error(`Expected every promise to hold, ${violations.length} do not:\n${shown.join('\n')}`);
  const ends = cluster.replicas.flatMap((replica) => replica.unaskedEnds().map((how) => `${replica.name}: ${how}`));
  if (ends.length > 0) throw new Error(`Expected no server to end by itself, got ${ends.join(', ')}.`);
}

/** What the servers have logged of failures, for the report of one: the logs go with the cluster. */
export function failuresLogged(cluster: Cluster): string {
  const lines = cluster.replicas.flatMap(({ name }, index) =>
    readFileSync(cluster.folder.file('logs', `server-${index}.log`), 'utf8')
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line))
      .map((line) => `${name}: ${line}`),
  );
  return `The servers have logged ${lines.length} failures.\n${lines.slice(0, SHOWN_MAX).join('\n')}`;
}
