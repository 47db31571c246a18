/** A source file as the rules read it. */

/** A file's text in two views with the same offsets and lines. */
export interface Source {
  /** Path from the root, with `/`. */
  path: string;
  text: string;
  /** `text` with comments blanked; strings stay. */
  withoutComments: string;
  /** `text` with comments and the contents of strings, templates and regular expressions blanked. */
  code: string;
}

/** Reads a TypeScript text into its views. */
export function readSource(path: string, text: string): Source {
  const withoutComments = text.split('');
  const code = text.split('');
  const blank = (target: string[], from: number, to: number): void => {
    for (let index = from; index < to; index++) if (target[index] !== '\n') target[index] = ' ';
  };
  /** Ends of the template literals that are open, by the depth of braces at which their `${` was met. */
  const templateDepths: number[] = [];
  let depth = 0;
  let lastSignificant = '';
  let offset = 0;

  const skipTemplate = (start: number): number => {
    let index = start;
    while (index < text.length && text[index] !== '`') {
      if (text[index] === '\\') index += 1;
      else if (text.startsWith('${', index)) {
        blank(code, start, index);
        templateDepths.push(depth);
        depth += 1;
        return index + 2;
      }
      index += 1;
    }
    blank(code, start, Math.min(index, text.length));
    return index + 1;
  };

  while (offset < text.length) {
    const char = text[offset]!;
    if (text.startsWith('//', offset)) {
      const newline = text.indexOf('\n', offset);
      const end = newline === -1 ? text.length : newline;
      blank(withoutComments, offset, end);
      blank(code, offset, end);
      offset = end;
      continue;
    }
    if (text.startsWith('/*', offset)) {
      const close = text.indexOf('*/', offset + 2);
      const end = close === -1 ? text.length : close + 2;
      blank(withoutComments, offset, end);
      blank(code, offset, end);
      offset = end;
      continue;
    }
    if (char === "'" || char === '"') {
      const end = endOfQuoted(text, offset + 1, char);
      blank(code, offset + 1, end - 1);
      offset = end;
    } else if (char === '`') {
      offset = skipTemplate(offset + 1);
    } else if (char === '/' && startsRegExp(lastSignificant, text, offset)) {
      const end = endOfRegExp(text, offset + 1);
      blank(code, offset + 1, end - 1);
      offset = end;
    } else {
      if (char === '{') depth += 1;
      if (char === '}') {
        depth -= 1;
        if (templateDepths.at(-1) === depth) {
          templateDepths.pop();
          offset = skipTemplate(offset + 1);
          lastSignificant = '`';
          continue;
        }
      }
      offset += 1;
    }
    if (char.trim() !== '') lastSignificant = char;
  }
  return { path, text, withoutComments: withoutComments.join(''), code: code.join('') };
}

/** Offset after the closing quote, or after the line: a string in quotes ends with its line (an apostrophe in JSX text does not). */
function endOfQuoted(text: string, start: number, quote: string): number {
  let index = start;
  while (index < text.length && text[index] !== quote && text[index] !== '\n') index += text[index] === '\\' ? 2 : 1;
  return Math.min(index + 1, text.length);
}

/** A slash begins a regular expression where a value cannot have ended just before it. */
function startsRegExp(lastSignificant: string, text: string, offset: number): boolean {
  if (lastSignificant === '' || '(,=:[!&|?{};+'.includes(lastSignificant)) return true;
  return /\b(return|typeof|case)\s*$/.test(text.slice(Math.max(0, offset - 12), offset));
}

function endOfRegExp(text: string, start: number): number {
  let inClass = false;
  let index = start;
  while (index < text.length && text[index] !== '\n') {
    const char = text[index];
    if (char === '\\') index += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return index + 1;
    index += 1;
  }
  return index;
}

/** The line of an offset, from 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index !== -1 && index < offset; index = text.indexOf('\n', index + 1)) line += 1;
  return line;
}

/** One import, re-export or dynamic import with a literal name. */
export interface ImportSite {
  specifier: string;
  line: number;
}

const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/** Every module that the file names, types included. */
export function importsOf(source: Source): ImportSite[] {
  return [...source.withoutComments.matchAll(IMPORT)]
    .filter((match) => /\S/.test(source.code.slice(match.index, match.index + 4)))
    .map((match) => ({ specifier: match[2]!, line: lineOf(source.text, match.index) }));
}
