/** A list of named checks that depend on each other: one that fails does not stop the others, and those that need it are skipped. */

/** What is checked, in the order in which it is shown. */
export type ProofCheckName =
  | 'form'
  | 'chain'
  | 'transaction'
  | 'signature'
  | 'header'
  | 'seal'
  | 'transaction-inclusion'
  | 'receipt-inclusion'
  | 'citizen-block'
  | 'state-inclusion';

/** One check and what came of it. `skipped` means that a check before it failed. `detail` is an English sentence for experts. */
export interface ProofCheck {
  readonly name: ProofCheckName;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** What a passed check hands on, and how it is shown. */
export interface Passed<T> {
  readonly value: T;
  readonly detail: string;
}

/** Something that is not as the proof says. The message says what was expected and what came. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
}

/** A list to fill. */
export function createCheckList() {
  const checks: ProofCheck[] = [];
  return {
    checks: checks as readonly ProofCheck[],
    isValid: (): boolean => checks.every(({ outcome }) => outcome === 'passed'),
    /** Runs a check that needs nothing. */
    check<T>(name: ProofCheckName, run: () => Passed<T>): T | undefined {
      return settle(checks, name, run);
    },
    /** Runs a check on what another has handed on; skips it when that one failed. */
    checkAfter<Needed, T>(
      name: ProofCheckName,
      needed: Needed | undefined,
      run: (needed: Needed) => Passed<T>,
    ): T | undefined {
      if (needed !== undefined) return settle(checks, name, () => run(needed));
      checks.push({ name, outcome: 'skipped', detail: 'Not checked, because a check before it failed.' });
      return undefined;
    },
  };
}

function settle<T>(checks: ProofCheck[], name: ProofCheckName, run: () => Passed<T>): T | undefined {
  try {
    const { value, detail } = run();
    checks.push({ name, outcome: 'passed', detail });
    return value;
  } catch (cause) {
    // Every decoder and verifier refuses with an Error that says what it expected; a TypeError is a defect of ours.
    if (!(cause instanceof Error) || cause instanceof TypeError) throw cause;
    checks.push({ name, outcome: 'failed', detail: cause.message });
    return undefined;
  }
}
