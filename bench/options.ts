/** The words after `npm run bench --`. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly caseName: string;
  /** Undefined here and below: what the case is meant for. */
  readonly seconds: number | undefined;
  readonly connections: number | undefined;
  readonly transactions: number | undefined;
  readonly accounts: number | undefined;
  /** The figures are printed as JSON, and nothing else is. */
  readonly isJson: boolean;
  /** What is measured writes V8's profile of its processor time. */
  readonly isProfiled: boolean;
}

/** An hour: raw samples are kept in memory. */
const SECONDS_MAX = 3_600;
const CONNECTIONS_MAX = 1_000;
const TRANSACTIONS_MAX = 10_000_000;
/** A genesis holds no more people. */
const ACCOUNTS_MAX = 100_000;

/** Reads the command line; undefined when help is asked for. Throws an `OptionsError` that says what was expected. */
export function parseOptions(argv: readonly string[], caseNames: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [caseName, ...rest] = positionals;
  if (caseName === undefined || rest.length > 0 || !caseNames.includes(caseName)) {
    const came = positionals.length === 0 ? 'none' : positionals.map((word) => JSON.stringify(word)).join(' ');
    throw new OptionsError(`Expected one case of: ${caseNames.join(', ')}; got ${came}.`);
  }
  return {
    caseName,
    seconds: wholeNumber('--seconds', values.seconds, SECONDS_MAX),
    connections: wholeNumber('--connections', values.connections, CONNECTIONS_MAX),
    transactions: wholeNumber('--transactions', values.transactions, TRANSACTIONS_MAX),
    accounts: wholeNumber('--accounts', values.accounts, ACCOUNTS_MAX),
    isJson: values.json,
    isProfiled: values['cpu-prof'],
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
        seconds: { type: 'string' },
        connections: { type: 'string' },
        transactions: { type: 'string' },
        accounts: { type: 'string' },
        json: { type: 'boolean', default: false },
        'cpu-prof': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(option: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^[0-9]{1,9}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (!(value >= 1 && value <= max))
    throw new OptionsError(`Expected ${option} as a whole number from 1 to ${max}; got "${text}".`);
  return value;
}
