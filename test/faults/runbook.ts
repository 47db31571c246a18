/**
 * Carries out a page of docs/operating as it is written. A block `sh` is a command; `sh wait` is repeated until the answer is
 * the one of the page; `sh fails` ends with status 1. A block `text` after it is the answer: these lines in this order, `…` for what
 * differs. `<name>` in a command is taken from an earlier answer. `<!-- walk: … -->` is what happens to the world meanwhile.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from '../cluster/until.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ANSWER_WITHIN_MS = 180_000;
const COMMAND_WITHIN_MS = 120_000;

type Step =
  | { kind: 'command'; line: string; mode: 'once' | 'wait' | 'fails'; answer: readonly string[] }
  | { kind: 'walk'; what: string };

export interface Walk {
  /** Added to each command: where the instance is. `config`, `backup` and `restore` know only its folder. */
  readonly place: { readonly data: string } | { readonly url: string; readonly tokenFile: string };
  /** The folder in which the commands are given. */
  readonly cwd: string;
  /** What the page's walk comments do, by their words. All of them must come. */
  readonly world: Readonly<Record<string, () => Promise<void>>>;
}

/** Resolves when each step has given the answer of the page. Throws with the command and what came. */
export async function carryOut(page: string, walk: Walk): Promise<void> {
  const steps = readSteps(readFileSync(`${ROOT}docs/operating/${page}`, 'utf8'));
  const known = new Map<string, string>();
  const left = new Set(Object.keys(walk.world));
  for (const step of steps) {
    if (step.kind === 'walk') {
      const act = walk.world[step.what];
      if (act === undefined) throw new Error(`${page}: expected somebody to do "${step.what}", got nobody.`);
      left.delete(step.what);
      await act();
      continue;
    }
    await give(page, step, walk, known);
  }
  if (left.size > 0) throw new Error(`${page}: expected the page to say "${[...left].join('", "')}", it does not.`);
}

/** Commands with their answers, and what happens meanwhile, in the order of the page. */
export function readSteps(text: string): Step[] {
  const steps: Step[] = [];
  const pattern = /^ *```(sh(?: wait| fails)?|text)\n([\s\S]*?)^ *```|<!-- walk: (.*?) -->/gm;
  for (const [, kind, body = '', what] of text.matchAll(pattern)) {
    const lines = body.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
    if (what !== undefined) steps.push({ kind: 'walk', what });
    else if (kind === 'text') {
      const last = steps.at(-1);
      if (last?.kind !== 'command' || last.answer.length > 0)
        throw new Error('Expected an answer to follow a command.');
      steps[steps.length - 1] = { ...last, answer: lines };
    } else
      for (const line of lines)
        steps.push({
          kind: 'command',
          line,
          mode: kind === 'sh wait' ? 'wait' : kind === 'sh fails' ? 'fails' : 'once',
          answer: [],
        });
  }
  return steps;
}

async function give(
  page: string,
  step: Extract<Step, { kind: 'command' }>,
  walk: Walk,
  known: Map<string, string>,
): Promise<void> {
  const args = argumentsOf(step.line, known);
  let last = '';
  const attempt = async (): Promise<true | undefined> => {
    const { status, output } = await run([...args, ...placeOf(args[0]!, walk.place)], walk.cwd);
    last = output;
    const isExpected = step.mode === 'fails' ? status === 1 : status === 0;
    if (!isExpected || !answers(output, step.answer)) return undefined;
    remember(output, known);
    return true;
  };
  const isGiven =
    step.mode === 'wait'
      ? await until(step.line, attempt, { withinMs: ANSWER_WITHIN_MS, pollMs: 1_000 }).catch(() => undefined)
      : await attempt();
  if (isGiven !== true)
    throw new Error(`${page}: expected "${step.line}" to answer\n${step.answer.join('\n')}\ngot\n${last}`);
}

/** The words of `npm run jigeum -- …`, with quotes and names resolved. */
function argumentsOf(line: string, known: ReadonlyMap<string, string>): string[] {
  const prefix = 'npm run jigeum -- ';
  if (!line.startsWith(prefix)) throw new Error(`Expected a command "${prefix}…", got "${line}".`);
  const words = [...line.slice(prefix.length).matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain!,
  );
  return words.map((word) => {
    const name = /^<(\w+)>$/.exec(word)?.[1];
    if (name === undefined) return word;
    const value = known.get(name);
    if (value === undefined) throw new Error(`Expected an earlier answer to tell <${name}>, none did.`);
    return value;
  });
}

function placeOf(command: string, place: Walk['place']): string[] {
  if ('data' in place) return ['--data', place.data];
  if (/^(?:config|backup|restore)$/.test(command)) throw new Error(`Expected a data folder for "${command}".`);
  return ['--url', place.url, '--token-file', place.tokenFile];
}

/** Are these lines in the output, in this order? */
export function answers(output: string, expected: readonly string[]): boolean {
  const lines = output.split('\n').map((line) => line.trim());
  let from = 0;
  for (const line of expected) {
    const pattern = new RegExp(`^${line.split('…').map(escaped).join('.*')}${line.endsWith('…') ? '' : '$'}`);
    const at = lines.findIndex((each, index) => index >= from && pattern.test(each));
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Names that answers give to things: the first of each answer. */
function remember(output: string, known: Map<string, string>): void {
  for (const name of ['alarm', 'stop', 'finding', 'transfer']) {
    const found = new RegExp(`^ *${name} +(${UUID})`, 'm').exec(output);
    if (found !== null) known.set(name, found[1]!);
  }
  const listed = new RegExp(`^(${UUID})  since `, 'm').exec(output);
  if (listed !== null) known.set('transfer', listed[1]!);
}

function run(args: readonly string[], cwd: string): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`${ROOT}apps/cli/src/main.ts`, ...args],
      { cwd, timeout: COMMAND_WITHIN_MS },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, output: `${stdout}${stderr}` }),
    );
  });
}
