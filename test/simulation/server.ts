/** One simulated process of the server: the real code and the real job loops over simulated surroundings. */
import { seededIds, type Clock } from '@jigeum/std';
import {
  jobLoop,
  type JobLoop,
  type JobName,
  type Log,
  type LogFields,
  type Metrics,
} from '../../apps/server/src/platform/index.ts';
import type { Deps } from '../../apps/server/src/deps.ts';
import { jobsOf } from '../../apps/server/src/worker.ts';
import { createSimulatedDriver } from './chain/driver.ts';
import type { Owner } from './scheduler.ts';
import { isOfAFault } from './explained.ts';
import type { Surroundings } from './surroundings.ts';
import { Violation } from './violation.ts';

/** They index the chain, ask the certificate authority, tell others and sweep: no payment passes through them. */
const LEFT_OUT = new Set<string>(['scan', 'register-wallets', 'deliver-webhooks', 'sweep']);

/** A server process. Killed, it leaves what is committed; a new one takes its place. */
export class SimulatedServer implements Owner {
  readonly name: string;
  isAlive = true;
  readonly deps: Deps;
  readonly #loops = new Map<string, JobLoop>();
  readonly #surroundings: Surroundings;
  /** Called when it dies: whoever waits for an answer of it learns that none comes. */
  readonly onDeath = new Set<() => void>();

  constructor(surroundings: Surroundings, name: string, idSeed: string) {
    this.name = name;
    this.#surroundings = surroundings;
    this.deps = depsOf(surroundings, this, idSeed, (job) => this.#loops.get(job)?.poke());
  }

  /** Starts the loops of all jobs that payments pass through. */
  startJobs(): void {
    for (const job of jobsOf(this.deps)) {
      if (LEFT_OUT.has(job.name)) continue;
      const loop = jobLoop(this.deps, job);
      this.#loops.set(job.name, loop);
    }
    this.deps.chain.onHead(() => {
      for (const job of ['confirm', 'refill-gas']) this.#loops.get(job)?.poke();
    });
  }

  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#surroundings.gate.forget(this);
    for (const call of this.onDeath) call();
  }
}

/** The capabilities of one process. */
function depsOf(surroundings: Surroundings, owner: Owner, idSeed: string, wake: (job: JobName) => void): Deps {
  const { gate, config, secrets } = surroundings;
  const db = gate.open(owner);
  return {
    config,
    clock: clockOf(surroundings, owner),
    ids: seededIds(idSeed),
    log: logOf(surroundings, owner),
    metrics: NO_METRICS,
    db,
    scanDb: db,
    secrets,
    wake,
    hint: () => undefined,
    chain: createSimulatedDriver(surroundings, owner),
    keyRegistry: { register: async () => ({ kind: 'unknown', cause: 'no authority in this world' }) },
    identityAgency: undefined as never,
    bank: surroundings.bank.gateway(owner),
  } satisfies Record<keyof Deps, unknown> as Deps;
}

/** Without the stack, which holds paths of this machine. */
function errorText(error: unknown): string {
  let text = '';
  for (let cause = error; cause instanceof Error; cause = cause.cause) text += ` ${cause.name}: ${cause.message}`;
  return text;
}

function clockOf({ scheduler, timerFactor }: Surroundings, owner: Owner): Clock {
  return {
    nowMs: () => scheduler.nowMs,
    monotonicMs: () => scheduler.elapsedMs,
    after: (ms, call) => scheduler.after(ms * timerFactor, owner, 'timer', call),
  };
}

function logOf({ scheduler, defect }: Surroundings, owner: Owner): Log {
  const write = (level: string) => (event: string, fields?: LogFields) => {
    const { error, ...rest } = fields ?? {};
    scheduler.trace.note(`  ${owner.name} ${level}: ${event} ${JSON.stringify(rest)}${errorText(error)}`);
  };
  const error = write('error');
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error(event, fields) {
      error(event, fields);
      // What a job throws must come from a fault.
      if (fields?.error !== undefined && owner.isAlive && !isOfAFault(fields.error))
        defect(new Violation('no unexplained error', `${event} ${errorText(fields.error)}`));
    },
  };
}

const COUNTER = {
  inc: () => undefined,
  dec: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  reset: () => undefined,
  remove: () => undefined,
  startTimer: () => () => 0,
};

/** Counts nothing. */
const NO_METRICS = {
  counter: () => COUNTER,
  gauge: () => COUNTER,
  histogram: () => COUNTER,
  text: async () => ({ contentType: '', body: '' }),
} as unknown as Metrics;
