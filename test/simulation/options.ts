/** The words after `npm run simulate --`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface SimulationOptions {
  readonly command: 'worlds' | 'gas-drain' | 'mutants';
  readonly seed: string;
  readonly steps: number;
  /** The only world to run, or undefined for as many as the steps allow. */
  readonly world: number | undefined;
  /** A change of the server's source or schema that the checks must find. */
  readonly mutant: string | undefined;
  readonly wallets: number;
  readonly hours: number;
  /** Threads. */
  readonly jobs: number;
}

export const USAGE = `Usage: npm run simulate -- [gas-drain | mutants] [options]

  (no word)      worlds until --steps have happened: --seed 1 --steps 100000, or only --world 7
  gas-drain      sybil wallets against the gas budgets: --wallets 1000 --hours 24 --seed 1
  mutants        plants each known defect and says what finds it and when: --steps 100000 each at most, or only --mutant NAME
  --mutant NAME  plants one known defect in the worlds
  --jobs 2       threads

The same seed and steps print the same hash.`;

/** Reads the command line; undefined when help is asked for. Throws an `OptionsError` that says what was expected. */
export function parseOptions(argv: readonly string[]): SimulationOptions | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const command = positionals[0] ?? (values.mutants ? 'mutants' : 'worlds');
  if (positionals.length > 1 || (command !== 'worlds' && command !== 'gas-drain' && command !== 'mutants'))
    throw new OptionsError(`Expected gas-drain, mutants or no word, got ${positionals.join(' ')}.`);
  return {
    command,
    seed: values.seed,
    steps: whole('--steps', values.steps),
    world: values.world === undefined ? undefined : whole('--world', values.world),
    mutant: values.mutant,
    wallets: whole('--wallets', values.wallets),
    hours: whole('--hours', values.hours),
    jobs: values.jobs === undefined ? Math.min(4, availableParallelism()) : Math.max(1, whole('--jobs', values.jobs)),
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
        seed: { type: 'string', default: '1' },
        steps: { type: 'string', default: '100000' },
        world: { type: 'string' },
        mutant: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        wallets: { type: 'string', default: '1000' },
        hours: { type: 'string', default: '24' },
        jobs: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function whole(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new OptionsError(`Expected a whole number after ${option}, got ${text}.`);
  return Number.parseInt(text, 10);
}
