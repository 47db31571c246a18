/** A promise that does not hold, named. */
export interface Violation {
  /** `INV-01` … as in README.md. */
  readonly rule: string;
  /** What it is about: an id, an address, a hash. */
  readonly subject: string;
  /** What was expected and what is there. */
  readonly text: string;
}

/** How a rule tells of a violation. */
export type Tell = (rule: string, subject: string, text: string) => void;
