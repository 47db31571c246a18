/** Prints the outcome of a test run as its last line, for people and for programs that read only that. */
import type { Reporter, TestModule } from 'vitest/node';

/** What the closing line counts. */
export interface ClosingCounts {
  passed: number;
  /** Failed tests, files that did not load and errors that no test caught. */
  failed: number;
  skipped: number;
}

/** `N passed, N failed`, and `, N skipped` after it when there are any. */
export function closingLine({ passed, failed, skipped }: ClosingCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A Vitest reporter whose one line is written when the process ends, so that nothing comes after it. */
export default class ClosingReporter implements Reporter {
  private counts: ClosingCounts | undefined;

  constructor() {
    process.once('exit', () => {
      // A run that never came to its end has not passed, whatever its tests said so far.
      const counts = this.counts ?? { passed: 0, failed: 1, skipped: 0 };
      process.stdout.write(`${closingLine(counts)}\n`);
    });
  }

  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: ClosingCounts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      let failedInModule = 0;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') failedInModule += 1;
        else if (state === 'skipped') counts.skipped += 1;
        // A test that is still pending when the run ends was interrupted.
        else failedInModule += 1;
      }
      // Hooks and imports fail a module without failing a test of it.
      counts.failed += failedInModule > 0 || testModule.state() !== 'failed' ? failedInModule : 1;
    }
    this.counts = counts;
  }
}
