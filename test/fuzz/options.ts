/** The words after `npm run fuzz --`. */
import { parseArgs } from 'node:util';

export interface FuzzOptions {
  /** A target's name, or undefined for all. */
  readonly target: string | undefined;
  readonly count: number;
  readonly seed: string;
  readonly from: number;
}

/** Reads the command line; undefined when help is asked for. Throws an `OptionsError` that says what was expected. */
export function parseOptions(argv: readonly string[], names: readonly string[]): FuzzOptions | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [target, ...rest] = positionals;
  if (rest.length > 0 || (target !== undefined && !names.includes(target)))
    throw new OptionsError(`Expected one target of: ${names.join(', ')}; got ${positionals.join(' ')}.`);
  return { target, count: whole('--count', values.count), seed: values.seed, from: whole('--from', values.from) };
}

/** A command line that cannot be followed. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        count: { type: 'string', default: '100000' },
        seed: { type: 'string', default: '1' },
        from: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function whole(option: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new OptionsError(`Expected a whole number after ${option}, got ${text}.`);
  return Number.parseInt(text, 10);
}
