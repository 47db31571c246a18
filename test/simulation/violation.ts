/** A rule of reliability.md that a world has broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** `INV-04` and the like. */
  readonly rule: string;

  constructor(rule: string, text: string) {
    super(`${rule}: ${text}`);
    this.rule = rule;
  }
}

/** Breaks the world off unless `isTrue`. */
export function expectRule(isTrue: boolean, rule: string, text: () => string): asserts isTrue {
  if (!isTrue) throw new Violation(rule, text());
}
