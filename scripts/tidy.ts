/** `node scripts/tidy.ts`: holds the tree to the tables in scripts/tidy/. One line a violation, `file:line rule — what to do instead`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findViolations, type Tree, type Violation } from './tidy/rules.ts';

/** Folders that hold nothing of ours: installed, built, kept at run time, or wrong on purpose. */
const SKIPPED = new Set([
  'node_modules',
  'dist',
  'coverage',
  'test-results',
  'data',
  '.data',
  '.cache',
  '.git',
  'fixtures',
  'vectors',
]);
const READ = /\.(ts|tsx|sql|css|html|sh|md|json|ya?ml)$/;

/** All files below `root` that the rules read. */
export function readTree(root: string): Tree {
  const paths: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
      else if (entry.isFile() && READ.test(entry.name) && entry.name !== 'package-lock.json') paths.push(path);
    }
  };
  walk('');
  return {
    paths: paths.sort(),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    exists: (path) => existsSync(join(root, path)),
  };
}

/** A violation as one line. */
export function formatViolation({ path, line, rule, instead }: Violation): string {
  return `${path}:${line} ${rule} — ${instead}`;
}

if (import.meta.main) {
  const tree = readTree(fileURLToPath(new URL('..', import.meta.url)));
  const violations = findViolations(tree);
  for (const violation of violations) console.log(formatViolation(violation));
  console.log(
    violations.length === 0 ? `tidy: ${tree.paths.length} files, nothing to do.` : `tidy: ${violations.length} to do.`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
