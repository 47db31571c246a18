/** Writes the dependency tables of scripts/tidy/dependencies.ts into ARCHITECTURE.md; with `--check` only says whether they are there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { FOLDERS, SERVER_MODULES } from './tidy/dependencies.ts';

const FILE = new URL('../ARCHITECTURE.md', import.meta.url);
const BEGIN = '<!-- dependency tables: written by scripts/generate-architecture.ts -->';
const END = '<!-- end of dependency tables -->';

/** The text between the marks: one table of folders, one of server modules. */
export function dependencyTables(): string {
  const published = (rule: readonly string[] | 'any'): string[] => {
    if (rule === 'any') return ['what its package.json lists'];
    return rule.map((name) => (name === 'node:' ? 'Node’s own' : `\`${name}\``));
  };
  const list = (names: readonly string[]): string => (names.length === 0 ? '–' : names.join(', '));
  const folders = FOLDERS.map(
    ({ folder, owns, ownsNot, mayImport, mayImportPublished }) =>
      `| \`${folder}\` | ${owns} | ${ownsNot} | ${list([...mayImport, ...published(mayImportPublished)])} |`,
  );
  const modules = SERVER_MODULES.map(({ name, owns, mayImport }) => `| \`${name}\` | ${owns} | ${list(mayImport)} |`);
  return [
    '| Folder | Owns | Does not own | May import |',
    '|---|---|---|---|',
    ...folders,
    '',
    'Modules of `apps/server/src`, from the bottom up. Each may also import `platform`, `#config` and `#deps`.',
    '',
    '| Module | Owns | May import |',
    '|---|---|---|',
    ...modules,
  ].join('\n');
}

/** Files of "The newcomer's path" that are not there; each is named from the root or from the server's modules. */
export function missingOnPath(document: string, exists: (path: string) => boolean): string[] {
  const section = document.split("## The newcomer's path")[1]?.split('\n## ')[0] ?? '';
  const files = [...section.matchAll(/`([\w./-]+\.(?:ts|md))`|→ ([\w./-]+\.(?:ts|md))/g)].map(
    (match) => match[1] ?? match[2]!,
  );
  if (files.length === 0) return ["The newcomer's path"];
  return files.filter((file) => !exists(file) && !exists(`apps/server/src/${file}`));
}

/** `document` with the tables between its marks. Throws when a mark is missing. */
export function withTables(document: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`ARCHITECTURE.md needs the marks "${BEGIN}" and "${END}", in this order.`);
  return `${document.slice(0, begin)}${BEGIN}\n${dependencyTables()}\n${document.slice(end)}`;
}

if (import.meta.main) {
  const document = readFileSync(FILE, 'utf8');
  const wanted = withTables(document);
  const missing = missingOnPath(document, (path) => existsSync(new URL(`../${path}`, import.meta.url)));
  if (missing.length > 0) {
    console.log(
      `ARCHITECTURE.md leads a newcomer to what is not there: ${missing.join(', ')}. Mend "The newcomer's path".`,
    );
    process.exitCode = 1;
  }
  if (document === wanted) console.log('ARCHITECTURE.md holds the tables of scripts/tidy/dependencies.ts.');
  else if (process.argv.includes('--check')) {
    console.log(
      'ARCHITECTURE.md differs from scripts/tidy/dependencies.ts: run "node scripts/generate-architecture.ts".',
    );
    process.exitCode = 1;
  } else writeFileSync(FILE, wanted);
}
