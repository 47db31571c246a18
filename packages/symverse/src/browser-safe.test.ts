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

/** Paths from this folder of the modules that a file reaches. */
const pathsOf = (entry: string): string[] =>
  [...reach(entry).files].map((href) => href.slice(new URL('.', import.meta.url).href.length)).toSorted();

test('who only signs transactions reaches no template, record, block or RPC', () => {
  expect(pathsOf('./transaction/signing.ts')).toEqual([
    'hash.ts',
    'record.ts',
    'rlp.ts',
    'signature.ts',
    'symid.ts',
    'transaction/signing.ts',
    'transaction/transaction.ts',
  ]);
});

test.each(['sct20', 'sct21', 'sct22', 'sct30', 'sct40', 'sct50'])('%s reaches no other template', (template) => {
  const templates = pathsOf(`./sct/${template}.ts`).filter((path) => /^sct\/sct\d+\.ts$/.test(path));
  expect(templates).toEqual([`sct/${template}.ts`]);
});

test('an index is names of files alone, so that a bundler drops what is not used', () => {
  const { sideEffects } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly sideEffects: unknown;
  };
  expect(sideEffects).toBe(false);
  for (const index of ['index.ts', 'rpc/index.ts']) {
    const text = readFileSync(new URL(index, import.meta.url), 'utf8');
    expect(text.replace(/export (type )?\{[^}]*\} from '[^']+';\n/g, '')).toBe('');
  }
});
