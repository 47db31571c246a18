/** How the tests run: units two files at a time, then whole-product tests one file at a time, so that they never share a machine. */
import { defineConfig } from 'vitest/config';

const NEVER = ['**/node_modules/**', '**/dist/**', '**/.data/**', 'scripts/fixtures/**', 'test/browser/**'];
/** Tests that start the product, a browser or a storm of faults, and therefore want the machine for themselves. */
const WHOLE_PRODUCT = [
  'test/e2e/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/peers/**/*.test.ts',
  'test/independent/**/*.test.ts',
  'test/simulation/**/*.test.ts',
  'test/cluster/**/*.test.ts',
];

/** `expect.poll` waits a second where nothing is said: less than a busy machine needs for a start or a reconnection. */
const PATIENT = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'units',
          include: ['{packages,apps,scripts,test,bench}/**/*.test.{ts,tsx}'],
          exclude: [...NEVER, ...WHOLE_PRODUCT],
          maxWorkers: 2,
          // A unit takes milliseconds; the minute is for a first start of PostgreSQL on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: PATIENT,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'whole-product',
          include: WHOLE_PRODUCT,
          exclude: NEVER,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: PATIENT,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
