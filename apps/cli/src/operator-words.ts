/** The words of a command that lists things and does something about one of them: `jigeum alarms`, `jigeum outflow`. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { operatorOptions } from './operator.ts';

/** Options that each such command takes. */
export const listOptions = {
  ...operatorOptions,
  all: { type: 'boolean', default: false },
  reason: { type: 'string' },
  key: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** The verb (`list` where there is none), the id that follows it, and the options. Throws a `TypeError` for an option that is not one. */
export function readWords<const Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: string[],
  options: Options,
) {
  const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options });
  const [verb = 'list', id] = positionals;
  return { values, verb, id };
}
