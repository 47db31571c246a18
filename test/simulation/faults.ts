/** What goes wrong in a world, and how often. Each world draws its own mix, so that rare faults also meet alone. */
import type { Random } from '../fuzz/random.ts';

export type DatabaseFault =
  'none' | 'slow' | 'lost-before' | 'lost-after' | 'killed-before' | 'killed-after' | 'deadlock' | 'serialization';

/** Once in so many chances; 0: never. */
export interface FaultMix {
  /** Of all statements. */
  connectionLost: number;
  slow: number;
  /** Of statements inside of transactions. */
  deadlock: number;
  /** Of commits. */
  commitLost: number;
  killedAtCommit: number;
  /** Of calls for the node. */
  requestLost: number;
  answerLost: number;
  deliveredLate: number;
  deliveredTwice: number;
  garbage: number;
  poolFull: number;
  readStale: number;
  /** Of blocks. */
  poolDropped: number;
  blockTakenBack: number;
  nodeHalts: number;
  /** Of seconds. */
  killed: number;
  bankLies: number;
  /** Of HTTP answers. */
  httpLost: number;
}

const NEVER: FaultMix = {
  connectionLost: 0,
  slow: 0,
  deadlock: 0,
  commitLost: 0,
  killedAtCommit: 0,
  requestLost: 0,
  answerLost: 0,
  deliveredLate: 0,
  deliveredTwice: 0,
  garbage: 0,
  poolFull: 0,
  readStale: 0,
  poolDropped: 0,
  blockTakenBack: 0,
  nodeHalts: 0,
  killed: 0,
  bankLies: 0,
  httpLost: 0,
};

/** At the most: one chance in so many. */
const MOST: FaultMix = {
  connectionLost: 60,
  slow: 60,
  deadlock: 30,
  commitLost: 10,
  killedAtCommit: 30,
  requestLost: 4,
  answerLost: 2,
  deliveredLate: 6,
  deliveredTwice: 6,
  garbage: 8,
  poolFull: 6,
  readStale: 3,
  poolDropped: 5,
  blockTakenBack: 4,
  nodeHalts: 10,
  killed: 3,
  bankLies: 4,
  httpLost: 4,
};

/** Draws a world's mix: each fault is away in half of the worlds, and of its own strength in the others. */
export function drawFaults(random: Random): FaultMix {
  const mix = { ...NEVER };
  for (const name of Object.keys(NEVER) as (keyof FaultMix)[]) {
    if (random.oneIn(2)) mix[name] = MOST[name] * random.pick([1, 1, 2, 4, 10]);
  }
  return mix;
}

/** The faults of one world. They end together: what was accepted must then end too. */
export class Faults {
  readonly #random: Random;
  #mix: FaultMix = NEVER;

  constructor(random: Random) {
    this.#random = random;
  }

  begin(mix: FaultMix): void {
    this.#mix = mix;
  }

  /** For tests of one fault. */
  always(fault: keyof FaultMix): void {
    this.begin({ ...NEVER, [fault]: 1 });
  }

  heal(): void {
    this.#mix = NEVER;
  }

  get isHealed(): boolean {
    return this.#mix === NEVER;
  }

  /** Does it happen now? */
  happens(fault: keyof FaultMix): boolean {
    const times = this.#mix[fault];
    return times > 0 && this.#random.oneIn(times);
  }

  readonly database: DatabaseFaults = {
    next: ({ isCommit, isInTransaction }) => {
      if (this.isHealed) return 'none';
      if (isCommit && this.happens('commitLost')) return this.#random.oneIn(2) ? 'lost-before' : 'lost-after';
      if (isCommit && this.happens('killedAtCommit')) return this.#random.oneIn(2) ? 'killed-before' : 'killed-after';
      if (isInTransaction && this.happens('deadlock')) return this.#random.oneIn(2) ? 'deadlock' : 'serialization';
      if (this.happens('connectionLost')) return this.#random.oneIn(2) ? 'lost-before' : 'lost-after';
      if ((isCommit || !isInTransaction) && this.happens('slow')) return 'slow';
      return 'none';
    },
    slowMs: () => this.#random.between(20, 15_000),
  };
}

export interface DatabaseFaults {
  next(statement: { isCommit: boolean; isInTransaction: boolean }): DatabaseFault;
  slowMs(): number;
}
