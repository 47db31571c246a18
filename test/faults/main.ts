/** `npm run faults -- <scenario>`: breaks things under load, checks what must hold, and says how to repeat what went wrong. */
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios.ts';

const COUNTS = ['cycles', 'rounds', 'minutes', 'flips', 'count'] as const;
const USAGE = `Usage: npm run faults -- [scenario] [--seed 1] [--cycles N] [--rounds N] [--minutes M] [--flips N] [--count N]

${Object.entries(SCENARIOS)
  .map(([name, { explains }]) => `${name.padEnd(14)}${explains}`)
  .join('\n')}

--seed      the same seed makes the same choices; when a process is hit is still up to the machine`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    cycles: { type: 'string' },
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    flips: { type: 'string' },
    count: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const name = positionals.length === 0 ? 'storm' : positionals.join(' ');
const scenario = SCENARIOS[name];
const isCount = (text: string | undefined): boolean => text === undefined || /^[0-9]{1,6}$/.test(text);
if (values.help) console.log(USAGE);
else if (scenario === undefined || !COUNTS.every((each) => isCount(values[each]))) {
  console.error(USAGE);
  process.exitCode = 1;
} else {
  const count = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  console.log(`seed ${values.seed}`);
  try {
    await scenario.run({
      seed: values.seed,
      cycles: count(values.cycles),
      rounds: count(values.rounds),
      minutes: count(values.minutes),
      flips: count(values.flips),
      count: count(values.count),
      tell: (line) => console.log(line),
    });
  } catch (error) {
    console.error(error);
    const given = COUNTS.filter((each) => values[each] !== undefined).map((each) => ` --${each} ${values[each]}`);
    console.error(`\nRepeat it: npm run faults -- ${name}${given.join('')} --seed ${values.seed}`);
    process.exitCode = 1;
  }
}
