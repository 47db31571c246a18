/** The words after `npm run bench --`. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly caseName: string;
  /** How long each of the two sides is measured in all, in seconds. */
  readonly seconds: number;
  /** Undefined: as many as the case is meant for. */
  readonly connections: number | undefined;
  /** Name of a file in bench/results; undefined for none. */
  readonly jsonName: string | undefined;
}

const SECONDS_DEFAULT = '10';
/** An hour: raw samples are kept in memory. */
const SECONDS_MAX = 3_600;
const CONNECTIONS_MAX = 1_000;

/** Reads the command line; undefined when help is asked for. Throws an `OptionsError` that says what was expected. */
export function parseOptions(argv: readonly string[], caseNames: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [caseName, ...rest] = positionals;
  if (caseName === undefined || rest.length > 0 || !caseNames.includes(caseName)) {
    const came = positionals.length === 0 ? 'none' : positionals.map((word) => JSON.stringify(word)).join(' ');
    throw new OptionsError(`Expected one case of: ${caseNames.join(', ')}; got ${came}.`);
  }
  const { connections, json } = values;
  if (json !== undefined && !/^[a-z0-9][a-z0-9._-]{0,80}\.json$/i.test(json)) {
    throw new OptionsError(
      `Expected --json as a file name such as reads.json, which is put into bench/results; got "${json}".`,
    );
  }
  return {
    caseName,
    seconds: wholeNumber('--seconds', values.seconds, SECONDS_MAX),
    connections: connections === undefined ? undefined : wholeNumber('--connections', connections, CONNECTIONS_MAX),
    jsonName: json,
  };
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
        seconds: { type: 'string', default: SECONDS_DEFAULT },
        connections: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = /^[0-9]{1,6}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (!(value >= 1 && value <= max))
    throw new OptionsError(`Expected ${option} as a whole number from 1 to ${max}; got "${text}".`);
  return value;
}
