import { expect, test } from 'vitest';
import { dependencyTables, missingOnPath, withTables } from './generate-architecture.ts';

const BEGIN = '<!-- dependency tables: written by scripts/generate-architecture.ts -->';
const END = '<!-- end of dependency tables -->';

test('replaces what stands between the marks and nothing else', () => {
  const document = `before\n${BEGIN}\nold\n${END}\nafter\n`;
  expect(withTables(document)).toBe(`before\n${BEGIN}\n${dependencyTables()}\n${END}\nafter\n`);
  expect(withTables(withTables(document))).toBe(withTables(document));
});

test('refuses a document without the marks, or with them in the wrong order', () => {
  expect(() => withTables('no marks')).toThrow('ARCHITECTURE.md needs the marks');
  expect(() => withTables(`${END}\n${BEGIN}`)).toThrow('ARCHITECTURE.md needs the marks');
});

test("names every file of the newcomer's path that is not there, looked for at the root and in the server", () => {
  const document = "## The newcomer's path\n\nREADME → `a/b.ts` → c/README.md → `d.ts`.\n\n## Next\n\n`never.ts`\n";
  const files = new Set(['a/b.ts', 'apps/server/src/d.ts']);
  expect(missingOnPath(document, (path) => files.has(path))).toEqual(['c/README.md']);
  expect(missingOnPath('no such section', () => true)).toEqual(["The newcomer's path"]);
});
