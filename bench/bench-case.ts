/** What a case is to the harness: something that measures itself beside a reference, and tells what it found. */
import type { MachineFacts } from './machine.ts';

/** What a run was asked for. */
export interface BenchSetting {
  /** How long each side is measured in all. */
  readonly seconds: number;
  readonly connections: number;
  readonly transactions: number;
  readonly accounts: number;
  /** Where V8's profiles of what is measured go; undefined for none. */
  readonly profileFolder: string | undefined;
  /** Everything that a case starts is ended through this, also when the run is broken off. */
  readonly closing: AsyncDisposableStack;
  /** Tells what happens now, since some steps take a minute. */
  readonly say: (text: string) => void;
}

/** A drawing in SVG. */
export interface Plot {
  /** Kebab-case: the file is `<case>-<name>.svg`. */
  readonly name: string;
  readonly svg: string;
}

export interface CaseReport {
  /** The table and what has to be known to read it. */
  readonly text: string;
  /** The figures of the table, to be printed as JSON. */
  readonly figures: object;
  /** Every sample that was measured. */
  readonly samples: object;
  readonly plots: readonly Plot[];
  /** Answers that were not the expected ones: a run with errors has failed. */
  readonly errors: number;
}

export interface BenchCase {
  readonly name: string;
  /** One line for the usage text. */
  readonly explains: string;
  readonly secondsDefault: number;
  readonly connectionsDefault: number;
  readonly connectionsMax: number;
  readonly run: (setting: BenchSetting) => Promise<CaseReport>;
}

/** What is written into a case's JSON file. */
export interface RunRecord extends Pick<CaseReport, 'figures' | 'samples' | 'errors'> {
  readonly caseName: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly machine: MachineFacts;
  readonly setting: Pick<BenchSetting, 'seconds' | 'connections' | 'transactions' | 'accounts'>;
}
