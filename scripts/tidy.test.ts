import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatViolation, readTree } from './tidy.ts';
import { BANS, WRONG_WORDS } from './tidy/bans.ts';
import { FOLDERS, SERVER_MODULES } from './tidy/dependencies.ts';
import { findViolations, STRUCTURAL_RULES } from './tidy/rules.ts';

const FIXTURES = new URL('fixtures/tidy/', import.meta.url);

/** For each small tree in fixtures/tidy, every place that must be caught, and none besides. */
const EXPECTED: Record<string, string[]> = {
  'dead-link': ['docs/run.md:2 dead-link', 'docs/run.md:3 dead-link'],
  'no-date-now': ['packages/std/src/sample.ts:2 no-date-now'],
  'no-new-date': ['packages/std/src/sample.ts:1 no-new-date'],
  'no-math-random': ['apps/web/src/sample.tsx:1 no-math-random'],
  'no-parse-float': ['packages/money/src/sample.ts:1 no-parse-float'],
  'no-number-of-amount': ['packages/money/src/sample.ts:1 no-number-of-amount'],
  'no-process-env': ['apps/cli/src/main.ts:1 no-process-env'],
  'no-broadcast': ['apps/server/src/transfers/confirm-job.ts:1 no-broadcast'],
  'no-leftover': ['apps/server/migrations/0001_first.sql:1 no-leftover', 'packages/std/src/sample.ts:1 no-leftover'],
  'no-export-star': ['packages/std/src/sample.ts:1 no-export-star'],
  'no-as-any': ['packages/std/src/sample.ts:1 no-as-any'],
  'no-ts-ignore': ['packages/std/src/sample.ts:1 no-ts-ignore'],
  'no-bare-disable': ['packages/std/src/sample.ts:1 no-bare-disable'],
  'no-swallowed-rejection': [
    'packages/std/src/sample.ts:1 no-swallowed-rejection',
    'packages/std/src/sample.ts:4 no-swallowed-rejection',
  ],
  'no-empty-catch': ['packages/std/src/sample.ts:4 no-empty-catch'],
  'no-focused-test': ['packages/std/src/sample.test.ts:2 no-focused-test'],
  'no-skipped-test': ['test/e2e/sample.test.ts:2 no-skipped-test'],
  'no-console': ['packages/std/src/sample.ts:1 no-console'],
  'no-machine-path': ['apps/cli/src/main.ts:1 no-machine-path', 'docs/run.md:1 no-machine-path'],
  'word-user': ['packages/api/src/sample.ts:1 word-user'],
  'word-account': ['apps/web/src/sample.ts:1 word-account'],
  'word-withdraw': ['packages/api/src/sample.ts:1 word-withdraw'],
  'file-name': ['packages/std/src/utils.ts:1 file-name'],
  'import-module': [
    'apps/server/src/wallets/one.ts:1 import-module',
    'apps/server/src/wallets/one.ts:3 import-module',
    'apps/server/src/wallets/one.ts:4 import-module',
    'packages/std/src/sample.ts:1 import-module',
  ],
  'import-module-path': [
    'apps/server/src/app.ts:1 import-module-path',
    'apps/server/src/wallets/one.test.ts:1 import-module-path',
    'apps/server/src/wallets/one.ts:1 import-module-path',
    'apps/server/src/wallets/one.ts:2 import-module-path',
    'apps/server/src/wallets/one.ts:3 import-module-path',
  ],
  'import-outside': ['packages/money/src/sample.ts:1 import-outside', 'test/e2e/sample.ts:1 import-outside'],
  'import-own-index': [
    'apps/server/src/wallets/one.ts:1 import-own-index',
    'apps/server/src/wallets/one.ts:2 import-own-index',
    'packages/money/src/sample.ts:1 import-own-index',
  ],
  'import-package': [
    'apps/web/src/sample.ts:1 import-package',
    'packages/chain-symverse/src/driver.ts:1 import-package',
    'packages/std/src/sample.ts:1 import-package',
  ],
  'import-published': [
    'packages/api/src/sample.ts:2 import-published',
    'packages/money/src/sample.ts:1 import-published',
  ],
  'index-exports': ['apps/server/src/wallets/index.ts:1 index-exports'],
  'migration-name': ['apps/server/migrations/0003_third.sql:1 migration-name'],
  'module-folder': [
    'apps/server/src/loose.ts:1 module-folder',
    'apps/server/src/payments:1 module-folder',
    'apps/server/src/wallets:1 module-folder',
    'apps/server/src/wallets:1 module-folder',
  ],
  'readme-length': ['apps/server/src/wallets/README.md:61 readme-length'],
  clean: [],
};

describe('tidy', () => {
  test.each(Object.entries(EXPECTED))('catches exactly what is wrong in the tree %s', (name, expected) => {
    const violations = findViolations(readTree(fileURLToPath(new URL(name, FIXTURES))));
    expect(violations.map(({ path, line, rule }) => `${path}:${line} ${rule}`)).toEqual(expected);
  });

  test('has a tree for every rule, and no tree that is not looked at', () => {
    const rules = [...STRUCTURAL_RULES, ...BANS.map(({ rule }) => rule), ...WRONG_WORDS.map(({ rule }) => rule)];
    expect(readdirSync(FIXTURES).sort()).toEqual([...rules, 'clean'].sort());
    expect(Object.keys(EXPECTED).sort()).toEqual([...rules, 'clean'].sort());
  });

  test('says place, rule and the way out in one line', () => {
    const violations = findViolations(readTree(fileURLToPath(new URL('no-date-now', FIXTURES))));
    expect(violations.map(formatViolation)).toEqual([
      'packages/std/src/sample.ts:2 no-date-now — take a Clock from deps and call clock.nowMs()',
    ]);
  });
});

describe('the dependency tables', () => {
  test('point only downwards, so that no circle can be allowed', () => {
    const packagesBelow = new Set<string>();
    for (const { name, folder, mayImport } of FOLDERS) {
      expect(
        mayImport.filter((each) => !packagesBelow.has(each)),
        folder,
      ).toEqual([]);
      if (name !== undefined) packagesBelow.add(name);
    }
    const modulesBelow = new Set<string>();
    for (const { name, mayImport } of SERVER_MODULES) {
      expect(
        mayImport.filter((each) => !modulesBelow.has(each)),
        name,
      ).toEqual([]);
      modulesBelow.add(name);
    }
  });

  test('allow every package of ours that a package.json declares', () => {
    for (const { folder, mayImport } of FOLDERS) {
      const manifest = JSON.parse(readFileSync(new URL(`../${folder}/package.json`, import.meta.url), 'utf8')) as {
        dependencies?: Record<string, string>;
      };
      const declared = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@jigeum/'));
      const refused = declared.filter((name) => !mayImport.includes(name.replace('@jigeum/', '')));
      expect(refused, folder).toEqual([]);
    }
  });
});
