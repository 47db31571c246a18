/** The rules of the tree, applied to a list of files. Pure but for `read`: the tests run them on small trees that break each rule. */
import { posix } from 'node:path';
import { BANS, EMPTY_FILE_NAMES, PROTOCOL_NAMES, WRONG_WORDS, type Ban } from './bans.ts';
import {
  EXPORTS_MAX,
  FOLDERS,
  SERVER_COMMON,
  SERVER_MODULES,
  SERVER_TOP_FILES,
  type FolderRule,
} from './dependencies.ts';
import { importsOf, lineOf, readSource, type ImportSite, type Source } from './source.ts';

/** The rules that are not in `BANS` or `WRONG_WORDS`. */
export const STRUCTURAL_RULES = [
  'dead-link',
  'file-name',
  'import-module',
  'import-module-path',
  'import-outside',
  'import-own-index',
  'import-package',
  'import-published',
  'index-exports',
  'migration-name',
  'module-folder',
  'no-empty-catch',
  'readme-length',
] as const;

/** One broken rule, with the place and the way out. */
export interface Violation {
  path: string;
  line: number;
  /** A name of `STRUCTURAL_RULES`, `BANS` or `WRONG_WORDS`. */
  rule: string;
  instead: string;
}

/** The files to look at. */
export interface Tree {
  /** Paths from the root, with `/`. */
  paths: readonly string[];
  read(path: string): string;
  /** Is there a file or folder, of whatever kind? */
  exists(path: string): boolean;
}

const SERVER_SRC = 'apps/server/src/';
const MODULE_README_LINES_MAX = 60;
const TEST_FILE = /\.test\.tsx?$|(^|\/)testing(\.ts$|\/)|(^|\/)conformance\.ts$/;

/** All violations of the tree, by path and line. */
export function findViolations(tree: Tree): Violation[] {
  const violations = [...moduleFolders(tree), ...migrationNames(tree.paths)];
  for (const path of tree.paths) {
    if (EMPTY_FILE_NAMES.test(posix.basename(path))) {
      violations.push({
        path,
        line: 1,
        rule: 'file-name',
        instead: 'name the file for the one noun or verb phrase that is inside',
      });
    }
    if (/\.(ts|tsx)$/.test(path)) {
      const source = readSource(path, tree.read(path));
      violations.push(...bannedForms(source), ...emptyCatches(source), ...wrongWords(source), ...imports(source));
    } else if (/\.(sql|css|html|sh|md|json|ya?ml)$/.test(path)) {
      const text = tree.read(path);
      const textBans = BANS.filter((ban) => ban.rule === 'no-leftover' || ban.rule === 'no-machine-path');
      violations.push(...bannedForms({ path, text, withoutComments: text, code: text }, textBans));
      if (path.endsWith('.md')) violations.push(...deadLinks(tree, path, text));
    }
  }
  return violations.sort((left, right) => left.path.localeCompare(right.path) || left.line - right.line);
}

function bannedForms(source: Source, bans: readonly Ban[] = BANS): Violation[] {
  const applying = bans.filter(
    (ban) => (ban.only?.test(source.path) ?? true) && !(ban.except?.test(source.path) ?? false),
  );
  const found: Violation[] = [];
  const codeLines = source.code.split('\n');
  const textLines = source.text.split('\n');
  for (const { rule, pattern, view, near, instead } of applying) {
    const lines = view === 'code' ? codeLines : textLines;
    lines.forEach((text, index) => {
      if (pattern.test(text) && (near?.test(text) ?? true))
        found.push({ path: source.path, line: index + 1, rule, instead });
    });
  }
  return found;
}

/** A catch without a word in it; a comment that says why counts as one. */
function emptyCatches(source: Source): Violation[] {
  return [...source.text.matchAll(/\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}/g)]
    .filter((match) => source.code.startsWith('catch', match.index))
    .map((match) => ({
      path: source.path,
      line: lineOf(source.text, match.index),
      rule: 'no-empty-catch',
      instead: 'handle the error, or say in a comment why nothing is to be done',
    }));
}

function wrongWords(source: Source): Violation[] {
  const words = WRONG_WORDS.filter(({ only, except }) => only.test(source.path) && !except.test(source.path));
  const found: Violation[] = [];
  if (words.length === 0) return found;
  source.code.split('\n').forEach((text, index) => {
    for (const [identifier] of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
      if (PROTOCOL_NAMES.has(identifier)) continue;
      const spoken = identifier
        .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
        .replaceAll('_', ' ')
        .toLowerCase();
      for (const { rule, pattern, instead } of words) {
        if (pattern.test(spoken))
          found.push({ path: source.path, line: index + 1, rule, instead: `${instead} (here: ${identifier})` });
      }
    }
  });
  return found;
}

function imports(source: Source): Violation[] {
  const folder = FOLDERS.find((candidate) => source.path.startsWith(`${candidate.folder}/`));
  const found: Violation[] = [];
  for (const site of importsOf(source)) {
    const problem = importProblem(source.path, folder, site);
    if (problem !== undefined) found.push({ path: source.path, line: site.line, ...problem });
  }
  return found;
}

type Problem = Pick<Violation, 'rule' | 'instead'>;

function importProblem(path: string, folder: FolderRule | undefined, { specifier }: ImportSite): Problem | undefined {
  if (specifier.startsWith('.')) return relativeProblem(path, folder, posix.join(posix.dirname(path), specifier));
  if (specifier.startsWith('#')) return moduleProblem(path, specifier);
  if (specifier.startsWith('@jigeum/')) return packageProblem(path, folder, specifier);
  return publishedProblem(path, folder, specifier);
}

function relativeProblem(path: string, folder: FolderRule | undefined, target: string): Problem | undefined {
  const targetFolder = FOLDERS.find((candidate) => target.startsWith(`${candidate.folder}/`));
  if (TEST_FILE.test(path) && target.startsWith('vectors/')) return undefined;
  if (folder !== undefined && !target.startsWith(`${folder.folder}/`)) {
    return {
      rule: 'import-outside',
      instead: `import ${targetFolder?.name === undefined ? 'what it offers by its package' : `@jigeum/${targetFolder.name}`}, not a path`,
    };
  }
  if (folder === undefined && targetFolder?.name !== undefined) {
    return { rule: 'import-outside', instead: `import @jigeum/${targetFolder.name}, not a path` };
  }
  // Tests of the whole and generators have no names for the parts of a program.
  if (folder === undefined) return undefined;
  const own = moduleOf(path);
  const theirs = moduleOf(target);
  const isTest = TEST_FILE.test(path);
  const isWiring = (isLibrary(theirs) && (own === undefined || isTest)) || (isTest && TEST_FILE.test(target));
  if (theirs !== undefined && theirs !== own && !isWiring)
    return { rule: 'import-module-path', instead: `import #${theirs}, not a path into it` };
  if (own !== undefined && theirs === undefined && target.startsWith(SERVER_SRC)) {
    return {
      rule: 'import-module-path',
      instead: `import #${posix.basename(target, '.ts')}, not a path out of the module`,
    };
  }
  if (
    !TEST_FILE.test(path) &&
    posix.basename(target) === 'index.ts' &&
    posix.dirname(path).startsWith(posix.dirname(target))
  ) {
    return { rule: 'import-own-index', instead: 'import the file that has it: an index is for those outside' };
  }
  return undefined;
}

/** A module whose parts the server's own files put together one by one. */
function isLibrary(name: string | undefined): boolean {
  return SERVER_MODULES.some((module) => module.name === name && module.isLibrary === true);
}

/** The server module that a path lies in, undefined for the server's own files and everything else. */
function moduleOf(path: string): string | undefined {
  if (!path.startsWith(SERVER_SRC)) return undefined;
  const rest = path.slice(SERVER_SRC.length);
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : undefined;
}

function moduleProblem(path: string, specifier: string): Problem | undefined {
  if (!path.startsWith('apps/server/'))
    return { rule: 'import-module', instead: `only the server names its modules; ${specifier} is one of them` };
  const [name = '', ...rest] = specifier.slice(1).split('/');
  if (rest.length > 0) return { rule: 'import-module-path', instead: `import #${name}, not a path into it` };
  const own = moduleOf(path);
  if (name === own)
    return { rule: 'import-own-index', instead: 'import the file that has it: an index is for those outside' };
  if (name === 'testing') {
    return TEST_FILE.test(path) ? undefined : { rule: 'import-module', instead: '#testing is for tests only' };
  }
  if ((SERVER_COMMON as readonly string[]).includes(name)) return undefined;
  if (!SERVER_MODULES.some((module) => module.name === name)) {
    return { rule: 'import-module', instead: `${specifier} is no module of scripts/tidy/dependencies.ts` };
  }
  if (own === undefined || name === 'platform' || TEST_FILE.test(path)) return undefined;
  const mayImport = SERVER_MODULES.find((module) => module.name === own)?.mayImport ?? [];
  if (mayImport.includes(name)) return undefined;
  return {
    rule: 'import-module',
    instead: `${own} may import ${['platform', ...mayImport].map((each) => `#${each}`).join(', ')}`,
  };
}

function packageProblem(path: string, folder: FolderRule | undefined, specifier: string): Problem | undefined {
  if (folder === undefined) return undefined;
  const name = specifier.split('/')[1] ?? '';
  if (name === folder.name)
    return { rule: 'import-own-index', instead: 'import the file that has it: a package’s name is for those outside' };
  if (folder.mayNotImport?.includes(specifier) === true) {
    return {
      rule: 'import-package',
      instead: `${folder.folder} must not meet ${specifier}; use the package’s other entry`,
    };
  }
  const mayImport = [...folder.mayImport, ...(TEST_FILE.test(path) ? (folder.testsMayImport ?? []) : [])];
  if (mayImport.includes(name)) return undefined;
  const allowed = mayImport.map((each) => `@jigeum/${each}`).join(', ');
  return {
    rule: 'import-package',
    instead: `${folder.folder} may import ${allowed === '' ? 'no package of ours' : allowed}`,
  };
}

function publishedProblem(path: string, folder: FolderRule | undefined, specifier: string): Problem | undefined {
  if (
    folder === undefined ||
    folder.mayImportPublished === 'any' ||
    TEST_FILE.test(path) ||
    path.endsWith('.config.ts')
  )
    return undefined;
  const allowed = folder.mayImportPublished;
  const isAllowed = allowed.some((name) =>
    name === 'node:' ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
  );
  if (isAllowed) return undefined;
  return {
    rule: 'import-published',
    instead: `${folder.folder} may import ${allowed.length === 0 ? 'nothing published' : allowed.join(', ')}`,
  };
}

/** Links of a document to files that are not there. Addresses and places within a page are not looked at. */
function deadLinks(tree: Tree, path: string, text: string): Violation[] {
  const dead: Violation[] = [];
  for (const match of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
    const link = match[1]!;
    if (/^[a-z]+:/.test(link) || tree.exists(posix.join(posix.dirname(path), link))) continue;
    dead.push({ path, line: lineOf(text, match.index), rule: 'dead-link', instead: `there is no ${link}` });
  }
  return dead;
}

/** Every folder of the server is a module of the table, with a short README and a narrow front door. */
function moduleFolders(tree: Tree): Violation[] {
  const found: Violation[] = [];
  const files = tree.paths.filter((path) => path.startsWith(SERVER_SRC));
  for (const path of files) {
    if (moduleOf(path) === undefined && path.endsWith('.ts') && !TEST_FILE.test(path)) {
      const name = posix.basename(path);
      if (!(SERVER_TOP_FILES as readonly string[]).includes(name)) {
        found.push({
          path,
          line: 1,
          rule: 'module-folder',
          instead: `only ${SERVER_TOP_FILES.join(', ')} stand beside the modules; move it into one`,
        });
      }
    }
  }
  const names = new Set(files.map(moduleOf).filter((name) => name !== undefined));
  for (const name of names) {
    const folder = `${SERVER_SRC}${name}`;
    const module = SERVER_MODULES.find((candidate) => candidate.name === name);
    if (module === undefined) {
      found.push({
        path: folder,
        line: 1,
        rule: 'module-folder',
        instead: 'add its row to SERVER_MODULES in scripts/tidy/dependencies.ts, or move its files',
      });
      continue;
    }
    for (const file of ['index.ts', 'README.md']) {
      // Parts that are only put together need no front door.
      if (file === 'index.ts' && module.isLibrary === true) continue;
      if (!files.includes(`${folder}/${file}`)) {
        found.push({ path: folder, line: 1, rule: 'module-folder', instead: `every module has its ${file}` });
      }
    }
    found.push(
      ...longReadme(tree, `${folder}/README.md`),
      ...(module.isLibrary === true ? [] : wideIndex(tree, `${folder}/index.ts`, EXPORTS_MAX)),
    );
  }
  return found;
}

function longReadme(tree: Tree, path: string): Violation[] {
  if (!tree.paths.includes(path)) return [];
  const count = tree.read(path).trimEnd().split('\n').length;
  if (count <= MODULE_README_LINES_MAX) return [];
  return [
    {
      path,
      line: MODULE_README_LINES_MAX + 1,
      rule: 'readme-length',
      instead: `keep it to ${MODULE_README_LINES_MAX} lines (${count} now); move the rest to docs/`,
    },
  ];
}

/** Counts what can be called or read; types are free. */
function wideIndex(tree: Tree, path: string, exportsMax: number): Violation[] {
  if (!tree.paths.includes(path)) return [];
  const { code } = readSource(path, tree.read(path));
  const listed = [...code.matchAll(/\bexport\s+\{([^}]*)\}/g)].flatMap((match) =>
    match[1]!.split(',').filter((name) => name.trim() !== '' && !/^\s*type\s/.test(name)),
  );
  const declared = [...code.matchAll(/\bexport\s+(?:abstract\s+|async\s+)*(?:function|class|const|let)\s+[\w$]/g)];
  const count = listed.length + declared.length;
  if (count <= exportsMax) return [];
  return [
    {
      path,
      line: 1,
      rule: 'index-exports',
      instead: `export at most ${exportsMax} names (${count} now); what does nobody outside need?`,
    },
  ];
}

/** Numbers that are promised to changes under way: their files may still be missing. */
const MIGRATIONS_PROMISED: ReadonlySet<number> = new Set([4, 5, 7]);

function migrationNames(paths: readonly string[]): Violation[] {
  const migrations = paths.filter((path) => path.startsWith('apps/server/migrations/') && path.endsWith('.sql')).sort();
  let next = 1;
  return migrations.flatMap((path) => {
    const number = Number.parseInt(posix.basename(path), 10);
    while (next < number && MIGRATIONS_PROMISED.has(next)) next++;
    const expected = String(next++).padStart(4, '0');
    if (posix.basename(path).startsWith(`${expected}_`) && /^\d{4}_[a-z0-9_]+\.sql$/.test(posix.basename(path)))
      return [];
    return [
      {
        path,
        line: 1,
        rule: 'migration-name',
        instead: `name it ${expected}_what_it_does.sql: one history without gaps or twins`,
      },
    ];
  });
}
