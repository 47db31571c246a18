import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Every module that an entry reaches, and every package that those import. */
function reach(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    if (files.has(url.href)) return;
    files.add(url.href);
    for (const [, specifier] of readFileSync(url, 'utf8').matchAll(/\bfrom '([^']+)'/g)) {
      if (specifier!.startsWith('.')) visit(new URL(specifier!, url));
      else packages.add(specifier!);
    }
  };
  visit(new URL(entry, import.meta.url));
  return { files, packages };
}

test.each(['./index.ts', './rpc/index.ts'])('%s reaches neither node: modules nor the native library', (entry) => {
  const { files, packages } = reach(entry);
  expect(files.size).toBeGreaterThan(3);
  for (const name of packages) expect(name).toMatch(/^(@jigeum\/std|@noble\/(curves|hashes)\/.+)$/);
});

test('./native.ts does reach them, so that the check above can fail', () => {
  expect([...reach('./native.ts').packages]).toContain('node:crypto');
});
