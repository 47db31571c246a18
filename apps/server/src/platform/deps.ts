/** What the platform itself needs. `src/deps.ts` adds the doors to the outside world. */
import type { Clock, Ids } from '@jigeum/std';
import type { Config } from '#config';
import type { Db } from './db.ts';
import type { JobName } from './jobs.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Secrets } from './secrets.ts';

export interface PlatformDeps {
  config: Config;
  clock: Clock;
  ids: Ids;
  log: Log;
  metrics: Metrics;
  db: Db;
  secrets: Secrets;
  /** Pokes a job now, in this process and, by NOTIFY, in the others. Call it after the commit. Never throws. */
  wake(job: JobName): void;
  /** Tells the members' open screens that events were recorded for them. Call it after the commit. Never throws. */
  hint(memberIds: Iterable<string>): void;
}
