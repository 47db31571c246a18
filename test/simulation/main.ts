/** `npm run simulate`: the platform's whole payment pipeline in virtual time, driven by one seed, while everything around it fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OptionsError, parseOptions, USAGE, type SimulationOptions } from './options.ts';
import { MUTANTS } from './mutants.ts';
import type { WorldReport, WorldTask } from './worker.ts';
import { plant } from './mutate.ts';
import { runWorlds } from './worlds.ts';

/** Enough for the budgets to be used up. */
const SMALL_DRAIN = ['--wallets', '12', '--hours', '3'];

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await run(options);
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function run(options: SimulationOptions): Promise<void> {
  if (options.command === 'mutants') await hunt(options);
  else if (options.command === 'gas-drain') await drain(options);
  else await live(options);
}

async function live(options: SimulationOptions): Promise<void> {
  const { seed, mutant, world } = options;
  const { makeImage } = await import('./run.ts');
  const image = await makeImage();
  const startedMs = performance.now();
  const result = await runWorlds(
    { seed, mutant, image },
    {
      steps: world === undefined ? options.steps : 1,
      jobs: world === undefined ? options.jobs : 1,
      ...(world === undefined ? {} : { firstWorld: world }),
    },
  );
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `seed ${seed}: ${result.worlds} worlds, ${result.steps} steps, ${result.payments} payments asked for, in ${seconds.toFixed(0)} s`,
  );
  console.log(`hash ${result.hash}`);
  if (result.failure === undefined) return;
  printFailure(options, result.failure);
  process.exitCode = 1;
}

function printFailure({ seed, mutant }: SimulationOptions, { failure, index, steps }: WorldReport): void {
  const planted = mutant === undefined ? '' : ` --mutant ${mutant}`;
  console.error(`\nWorld ${index} of seed ${seed} broke a rule at its step ${steps}. Its last lines:\n`);
  console.error(failure!.lines.join('\n'));
  console.error(`\n${failure!.text}\n\nRepeat it: npm run simulate -- --seed ${seed} --world ${index}${planted}`);
}

/** Each mutant in worlds of its own, until something finds it. As many at once as there are threads. */
async function hunt(options: SimulationOptions): Promise<void> {
  const { seed, steps, jobs } = options;
  const { makeImage } = await import('./run.ts');
  const image = await makeImage();
  const mutants = MUTANTS.filter((each) => options.mutant === undefined || each.name === options.mutant);
  const left = [...mutants];
  let missed = 0;
  console.log(`${'mutant'.padEnd(28)}${'breaks'.padEnd(9)}${'found by'.padEnd(24)}${'steps'.padStart(8)}`);
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
        const { name, breaks, scenario } = mutant;
        const { found, steps: needed } = await (scenario === 'gas-drain'
          ? huntInDrain(seed, name)
          : huntInWorlds({ seed, mutant: name, image }, steps));
        console.log(
          `${name.padEnd(28)}${breaks.padEnd(9)}${(found ?? 'NOT FOUND').padEnd(24)}${String(needed ?? '').padStart(8)}`,
        );
        if (found === undefined) missed++;
      }
    }),
  );
  console.log(`${mutants.length - missed} of ${mutants.length} mutants were found.`);
  if (missed > 0) process.exitCode = 1;
}

interface Hunted {
  /** The rule that found it. */
  found: string | undefined;
  steps: number | undefined;
}

async function huntInWorlds(task: WorldTask, steps: number): Promise<Hunted> {
  const result = await runWorlds(task, { steps, jobs: 1 });
  return { found: result.failure?.failure?.rule, steps: result.steps };
}

/** A small drain in a process of its own. */
async function huntInDrain(seed: string, mutant: string): Promise<Hunted> {
  const program = fileURLToPath(import.meta.url);
  const args = [program, 'gas-drain', '--mutant', mutant, '--seed', seed, ...SMALL_DRAIN];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return { found: /Violation: (INV-\d+)/.exec(text)?.[1], steps: undefined };
}

async function drain({ seed, wallets, hours, mutant }: SimulationOptions): Promise<void> {
  if (mutant !== undefined) plant(mutant);
  // After the mutant is planted.
  const { drainGas } = await import('./gas-drain.ts');
  const startedMs = performance.now();
  const result = await drainGas({ seed, wallets, hours });
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `seed ${seed}: ${wallets} wallets, ${hours} virtual hours, ${result.attempts} attempts, ${result.steps} steps in ${seconds.toFixed(0)} s`,
  );
  for (const [day, granted] of result.grantedByDay) console.log(`granted on ${day}: ${granted} of ${result.dayBudget}`);
  console.log(`treasury at its lowest: ${result.treasuryLowest}, floor ${result.floor}`);
  console.log(
    result.alarmAfterMs === null
      ? 'the budget was not used up'
      : `alarm ${result.alarmAfterMs} ms after the first refusal; ${result.honestPayments} payments with coin of their own went on`,
  );
  console.log(`hash ${result.hash}`);
  // PGlite keeps the process alive.
  process.exit();
}
