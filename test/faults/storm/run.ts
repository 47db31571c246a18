/**
 * The storm: one platform that lives through cycle after cycle of kills and faults under load. After each cycle everything is
 * healed and drained, and the checker, which shares no code with the server, looks at all that changed.
 */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../fuzz/random.ts';
import type { Violation } from '../checker/checker.ts';
import { FAILPOINTS, type Failpoint, type FailpointCount } from './failpoints.ts';
import { STORM_FAULTS, type StormFault } from './faults.ts';
import { startForeignNodes } from './foreign.ts';
import { logInAgain, logInAround, payAround, type LoadResult } from './load.ts';
import { armEverywhere } from './strike.ts';
import { untilTold } from './tell.ts';
import { startStormWorld, type StormWorld } from './world.ts';

export interface StormOptions {
  readonly seed: string;
  readonly cycles: number;
  /** Ends after the cycle in which so many minutes are over. */
  readonly minutes?: number | undefined;
  readonly tell: (line: string) => void;
}

export interface StormResult {
  readonly cycles: number;
  readonly accepted: number;
  /** How often each reason was given. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly ends: Readonly<Record<string, number>>;
  readonly failpoints: ReadonlyMap<Failpoint, FailpointCount>;
  /** Cycles in which each fault was under way. */
  readonly faults: ReadonlyMap<string, number>;
  /** What became of tries to tell of payments. */
  readonly webhooks: ReadonlyMap<string, number>;
}

/** A promise was broken. The message says in which cycle and how to repeat it. */
export class StormError extends Error {
  override readonly name = 'StormError';
}

const PAYMENTS_CALM = 8;
const PAYMENTS_BUSY = 40;
/** So few payers use up their gas within one cycle, and are granted more. */
const FEW = 3;
/** Points by which one process may come only once in a cycle. */
const RARE = /^F(?:04|06|15)/;
const POLL_MS = 10;
const LOG_INS = 4;
/** A fault ends when the cycle's failpoint has struck, or after this long. */
const STRIKE_WITHIN_MS = 1_500;
/** Then the failpoint waits for the rest of the work, which a loaded machine does slowly. */
const WORK_WITHIN_MS = 20_000;
const STOPPED_MS_MAX = 1_000;
/** Far above what a cycle takes on a loaded machine: one that waits for ever is told of, too. */
const CYCLE_WITHIN_MS = 300_000;
const DRAINED_WITHIN_MS = 60_000;
const TELL_EVERY = 20;
/** Rights and every holding are read anew in so many cycles; what has changed, in each. */
const FULL_EVERY = 25;

/** Runs the cycles. Throws `StormError` at the first violation. */
export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { seed, cycles, tell } = options;
  const startedAtMs = performance.now();
  const world = await startStormWorld(seed);
  const foreign = await startForeignNodes(world).catch(async (error: unknown) => {
    await world.stop();
    throw error;
  });
  const faults = [...STORM_FAULTS, ...foreign.faults];
  const met = new Map<string, number>(faults.map(({ name }) => [name, 0]));
  let accepted = 0;
  const refusals = new Map<string, number>();
  let done = 0;
  try {
    while (done < cycles) {
      const cycle = done;
      const chosen = choose(seed, cycle, faults);
      const what = `cycle ${cycle}: ${chosen.point}, ${chosen.fault.name}`;
      try {
        const load = await within(CYCLE_WITHIN_MS, runCycle(world, chosen, cycle));
        accepted += load.accepted;
        for (const code of load.refusals) refusals.set(code, (refusals.get(code) ?? 0) + 1);
        met.set(chosen.fault.name, met.get(chosen.fault.name)! + 1);
        const { violations } = await world.checker.check({
          answers: world.cluster.payments.answers,
          webhooks: world.webhooks,
          isDrained: true,
          isFull: cycle % FULL_EVERY === 0 || cycle === cycles - 1,
        });
        if (violations.length > 0) throw new StormError(textOf(violations));
      } catch (cause) {
        throw new StormError(
          `${what}: ${cause instanceof Error ? cause.message : String(cause)}\nRepeat it: npm run faults -- storm --cycles ${cycle + 1} --seed ${seed}\nThe logs: ${keepLogs(world)}`,
          { cause },
        );
      }
      done++;
      if (done % TELL_EVERY === 0)
        tell(
          `${done} cycles, ${accepted} payments accepted, ${Math.round((performance.now() - startedAtMs) / 1000)} s`,
        );
      if (options.minutes !== undefined && performance.now() - startedAtMs > options.minutes * 60_000) break;
    }
    return {
      cycles: done,
      accepted,
      refusals,
      ends: await endsOf(world),
      failpoints: sumOf(world.failpoints.map((file) => file.counts())),
      faults: met,
      webhooks: world.till.counts(),
    };
  } finally {
    await world.stop();
    await foreign.stop();
  }
}

interface Chosen {
  readonly point: Failpoint;
  readonly fault: StormFault;
  readonly random: Random;
}

/** What a cycle does depends on seed and number alone. Every failpoint and every fault comes once in a round of its own length. */
function choose(seed: string, cycle: number, faults: readonly StormFault[]): Chosen {
  return {
    point: dealt(`${seed} failpoints`, cycle, FAILPOINTS),
    fault: dealt(`${seed} faults`, cycle, faults),
    random: new Random(`${seed} cycle`, cycle),
  };
}

/** The card of this cycle from a deck that is shuffled anew for each round. */
function dealt<T>(seed: string, cycle: number, cards: readonly T[]): T {
  const random = new Random(seed, Math.floor(cycle / cards.length));
  const deck = [...cards];
  for (let index = deck.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [deck[index], deck[other]] = [deck[other]!, deck[index]!];
  }
  return deck[cycle % cards.length]!;
}

async function runCycle(world: StormWorld, { point, fault, random }: Chosen, cycle: number): Promise<LoadResult> {
  const { cluster } = world;
  // Every fourth cycle a process stops for a while instead of ending: it comes back with what it knew.
  const at = RARE.test(point) ? 1 : random.between(1, 2);
  const strike = armEverywhere(world, { point, act: cycle % 4 === 3 ? 'stop' : 'kill', at });
  const stoppedMs = random.below(STOPPED_MS_MAX);
  world.till.set('stormy');
  try {
    const count = random.oneIn(2) || point.startsWith('F06') ? PAYMENTS_BUSY : PAYMENTS_CALM;
    const paying = payAround(world, random, { count, payers: point.startsWith('F06') ? FEW : undefined });
    // Told by `await paying`; nothing is lost if something else fails first. So with the fault, which may have to wait for a
    // process that is stopped.
    paying.catch(() => undefined);
    const hasLogIns = point.startsWith('F04') || point.startsWith('F05');
    const loggingIn = hasLogIns ? logInAround(world, random, LOG_INS) : undefined;
    const beginning = fault.begin(world, random);
    beginning.catch(() => undefined);

    await waitFor(strike.hasStruck, STRIKE_WITHIN_MS);
    if (strike.hasStruck()) await strike.end(stoppedMs);
    const begun = await beginning;
    await begun.heal();
    // The fault may have kept the work away from the point: it comes now, or all ends without it.
    let isOver = false;
    paying
      .then(() => cluster.untilDrained(DRAINED_WITHIN_MS))
      .then(() => (point.startsWith('F13') ? untilTold(world) : undefined))
      .then(
        () => (isOver = true),
        // Told below, where both are awaited.
        () => undefined,
      );
    await waitFor(() => strike.hasStruck() || isOver, WORK_WITHIN_MS);
    await strike.end(0);
    // Whoever ended is started again: by the failpoint, or by the fault.
    await Promise.all(cluster.replicas.map((replica) => replica.start()));
    const loggedIn = await loggingIn;
    await begun.decide?.();
    const load = await paying;
    await cluster.untilDrained(DRAINED_WITHIN_MS);
    world.till.set('calm');
    await untilTold(world);
    if (loggedIn !== undefined) await logInAgain(world, loggedIn);
    return load;
  } finally {
    strike.forget();
  }
}

/** Copies the logs out of the folder that is about to be removed, and says where they are. */
function keepLogs({ cluster }: StormWorld): string {
  const kept = mkdtempSync(join(tmpdir(), 'jigeum-storm-'));
  cpSync(cluster.folder.file('logs'), kept, { recursive: true });
  return kept;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected the cycle to end within ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Where it was late, what becomes of it no longer matters: the platform is being stopped.
    work.catch(() => undefined);
  }
}

async function waitFor(isMet: () => boolean, withinMs: number): Promise<void> {
  const overAtMs = performance.now() + withinMs;
  while (!isMet() && performance.now() < overAtMs) await new Promise((resume) => setTimeout(resume, POLL_MS));
}

function textOf(violations: readonly Violation[]): string {
  return violations
    .slice(0, 20)
    .map(({ rule, subject, text }) => `${rule} ${subject}: ${text}`)
    .join('\n');
}

async function endsOf(world: StormWorld): Promise<Record<string, number>> {
  const { rows } = await world.cluster.owner.query<{ end: string; count: string }>(
    `select purpose || ' ' || state as end, count(*) from chain_outbox group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ end, count }) => [end, Number.parseInt(count, 10)]));
}

function sumOf(counts: readonly ReadonlyMap<Failpoint, FailpointCount>[]): Map<Failpoint, FailpointCount> {
  return new Map(
    FAILPOINTS.map((point) => [
      point,
      {
        hits: counts.reduce((sum, each) => sum + each.get(point)!.hits, 0),
        struck: counts.reduce((sum, each) => sum + each.get(point)!.struck, 0),
      },
    ]),
  );
}
