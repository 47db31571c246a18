/** What a case is to the harness: two sides that get the same load in turn. */
import type { LoadTarget } from './load.ts';

/** One of the two sides of a ratio. */
export interface Side {
  readonly name: string;
  readonly target: LoadTarget;
  /** The process that answers, where one does it all: its processor time is measured. */
  readonly pid?: number;
  /** Waits after a round until nothing of it is left to do, so that the other side has the machine to itself. */
  readonly settle?: () => Promise<void>;
}

/** Durations that were not measured by the load generator. */
export interface FurtherSamples {
  readonly name: string;
  readonly samplesMs: Float64Array;
}

export interface StartedCase {
  readonly reference: Side;
  readonly measured: Side;
  /** Called when the warm-up is over and its effects have settled. */
  readonly begin?: () => Promise<void>;
  /** Called after the last round with the good answers of the measured side. Throws when one of them was not true. */
  readonly finish?: (goodAnswers: number) => Promise<readonly FurtherSamples[]>;
  readonly stop: () => Promise<void>;
}

export interface BenchCase {
  readonly name: string;
  /** One line for the usage text. */
  readonly explains: string;
  readonly connectionsDefault: number;
  readonly connectionsMax: number;
  readonly start: (connections: number) => Promise<StartedCase>;
}
