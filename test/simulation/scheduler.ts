/**
 * Virtual time. Everything outside of the code under test waits here for its turn: a statement for the database, a call for the
 * node, an answer for the network, a timer for its hour. One event is a step; the seed decides how long each takes, and with it
 * who goes on next. Between two steps all promises run until nothing moves.
 */
import { Random } from '../fuzz/random.ts';
import { Trace } from './trace.ts';

/** Somebody whose events are dropped once it has died. */
export interface Owner {
  readonly name: string;
  isAlive: boolean;
}

interface Event {
  atUs: number;
  /** Decides between events of one moment. */
  order: number;
  owner: Owner;
  what: string;
  fire: () => void;
  isCancelled: boolean;
}

/** 2026-01-01, plus a little: a world begins in the middle of a day of the budgets. */
const EPOCH_MS = Date.UTC(2026, 0, 1, 9);

/** The queue of one world. */
export class Scheduler {
  readonly random: Random;
  readonly trace = new Trace();
  readonly #heap: Event[] = [];
  #nowUs = 0;
  steps = 0;

  constructor(seed: string, index: number) {
    this.random = new Random(seed, index);
  }

  /** Milliseconds since the world began. */
  get elapsedMs(): number {
    return this.#nowUs / 1000;
  }

  /** Milliseconds since 1970. */
  get nowMs(): number {
    return EPOCH_MS + Math.floor(this.#nowUs / 1000);
  }

  /** Calls `fire` as a step of its own, `ms` from now. The result cancels it. */
  after(ms: number, owner: Owner, what: string, fire: () => void): () => void {
    const event: Event = {
      atUs: this.#nowUs + Math.max(0, Math.round(ms * 1000)),
      order: this.random.next(),
      owner,
      what,
      fire,
      isCancelled: false,
    };
    push(this.#heap, event);
    return () => void (event.isCancelled = true);
  }

  /** Resolves as a step of its own, `ms` from now. Never, where the owner dies before. */
  sleep(ms: number, owner: Owner, what: string): Promise<void> {
    return new Promise((resume) => void this.after(ms, owner, what, resume));
  }

  /** How long something takes: mostly about `usualMs`, now and then ten times as long. */
  latency(usualMs: number): number {
    const { random } = this;
    const share = (random.below(1000) + 1) / 1000;
    return random.oneIn(20) ? usualMs * 10 * share : usualMs * 2 * share;
  }

  /** Lets the next event happen and everything run that follows from it. False where there is none. */
  async step(): Promise<boolean> {
    for (let event = pop(this.#heap); event !== undefined; event = pop(this.#heap)) {
      if (event.isCancelled || !event.owner.isAlive) continue;
      this.#nowUs = event.atUs;
      this.steps++;
      this.trace.note(`${event.atUs} ${event.owner.name} ${event.what}`);
      event.fire();
      await untilNothingMoves();
      return true;
    }
    return false;
  }
}

/** Promises and ticks run to their end before an immediate does. */
export const untilNothingMoves = (): Promise<void> => new Promise((resume) => setImmediate(resume));

const isBefore = (left: Event, right: Event): boolean =>
  left.atUs < right.atUs || (left.atUs === right.atUs && left.order < right.order);

function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(event, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
