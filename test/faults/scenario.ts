/** What `npm run faults` can run. */

export interface ScenarioOptions {
  /** The same seed makes the same choices; when a process is hit is still up to the machine. */
  readonly seed: string;
  /** Undefined: as many as the scenario does by itself. */
  readonly cycles: number | undefined;
  readonly rounds: number | undefined;
  readonly minutes: number | undefined;
  readonly flips: number | undefined;
  readonly count: number | undefined;
  readonly tell: (line: string) => void;
}

export interface Scenario {
  /** For the usage: what it does and which options it reads. */
  readonly explains: string;
  /** Tells what it has seen. Throws where a promise was broken. */
  run(options: ScenarioOptions): Promise<void>;
}
