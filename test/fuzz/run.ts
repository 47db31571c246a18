/** One storm: so many inputs of one target, each timed. The same target and seed give the same inputs. */
import { toHex0x } from '@jigeum/std';
import { Random } from './random.ts';
import type { FuzzTarget, Verdict } from './target.ts';

/** How long one input may hold a processor. Time of the clock would measure the other programs of the machine too. */
export const INPUT_MS_MAX = 100;
/** The collector, too, works within an input: one that seems slow is timed again, and the shortest time counts. */
const SUSPECT_MS = 2;
const TRIES = 6;

export interface FuzzRun {
  readonly target: FuzzTarget;
  readonly seed: string;
  /** Indexes `from` to `from + count − 1`. */
  readonly from: number;
  readonly count: number;
  /** Says which input comes next, so that somebody else can tell a hang from work. */
  readonly onInput?: (index: number) => void;
}

export interface FuzzResult {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  readonly slowest: { readonly index: number; readonly ms: number; readonly bytes: number };
  readonly largestBytes: number;
}

/** An input that broke a rule. The message holds all that repeats it. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';
}

/** The input of an index: valid one time in five, changed three times in four, noise for the rest. */
export function inputOf(target: FuzzTarget, seed: string, index: number): { bytes: Uint8Array; isValid: boolean } {
  const random = new Random(`${seed}/${target.name}`, index);
  const kind = random.below(20);
  if (kind === 0) return { bytes: random.bytes(random.below(random.oneIn(10) ? 2000 : 60)), isValid: false };
  const valid = target.generate(random);
  if (kind <= 4) return { bytes: valid, isValid: true };
  return { bytes: target.mutate(random, valid, target.generate(random)), isValid: false };
}

/** Runs the storm. Throws a `FuzzFailure` at the first input that breaks a rule. */
export async function runFuzz({ target, seed, from, count, onInput }: FuzzRun): Promise<FuzzResult> {
  let accepted = 0;
  let slowest = { index: from, ms: 0, bytes: 0 };
  let largestBytes = 0;
  const startedAtMs = performance.now();
  for (let index = from; index < from + count; index++) {
    onInput?.(index);
    if (target.period !== undefined && index % target.period === 0) await target.reset?.();
    const { bytes, isValid } = inputOf(target, seed, index);
    const fail = (what: string, cause?: unknown): never => {
      const first = target.period === undefined ? index : index - (index % target.period);
      const repeat = `npm run fuzz -- ${target.name} --seed ${seed} --from ${first} --count ${index - first + 1}`;
      throw new FuzzFailure(`${what}\nrepeat it: ${repeat}\ninput: ${shown(bytes)}`, { cause });
    };
    const timed = async (): Promise<{ verdict: Verdict; ms: number }> => {
      try {
        return await timedCheck(target, bytes);
      } catch (error) {
        return fail(`${target.name} ${index}: ${error instanceof Error ? error.message : String(error)}`, error);
      }
    };
    const first = await timed();
    if (isValid && first.verdict !== 'accepted') fail(`${target.name} ${index}: a valid input was refused.`);
    let ms = first.ms;
    for (let tries = 1; ms > Math.max(SUSPECT_MS, slowest.ms) && tries < TRIES; tries++)
      ms = Math.min(ms, (await timed()).ms);
    if (ms > INPUT_MS_MAX) fail(`${target.name} ${index}: took ${ms.toFixed(0)} ms each of ${TRIES} times.`);
    if (ms > slowest.ms) slowest = { index, ms, bytes: bytes.length };
    if (first.verdict === 'accepted') accepted++;
    largestBytes = Math.max(largestBytes, bytes.length);
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { accepted, refused: count - accepted, seconds, slowest, largestBytes };
}

/**
 * A check and how long it held a processor: for one that gives way to others in between, as a node does within a large batch,
 * the longest of its turns.
 */
async function timedCheck(target: FuzzTarget, bytes: Uint8Array): Promise<{ verdict: Verdict; ms: number }> {
  let turnAtMs = processorMs();
  const given = target.check(bytes);
  if (typeof given === 'string') return { verdict: given, ms: processorMs() - turnAtMs };
  let ms = 0;
  let isDone = false;
  const endTurn = (): void => {
    const nowMs = processorMs();
    ms = Math.max(ms, nowMs - turnAtMs);
    turnAtMs = nowMs;
  };
  const tick = (): void => {
    if (isDone) return;
    endTurn();
    setImmediate(tick);
  };
  setImmediate(tick);
  try {
    const verdict = await given;
    endTurn();
    return { verdict, ms };
  } finally {
    isDone = true;
  }
}

/** Processor time of this thread so far. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Hex of an input, or of its beginning when nobody would read all of it. */
const shown = (bytes: Uint8Array): string =>
  bytes.length <= 4096 ? toHex0x(bytes) : `${toHex0x(bytes.subarray(0, 256))}… (${bytes.length} bytes)`;
