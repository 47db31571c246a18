/** `npm run simulate`: the platform's whole payment pipeline in virtual time, driven by one seed, while everything around it fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OptionsError, parseOptions, USAGE, type SimulationOptions } from './options.ts';
import { MUTANTS } from './mutants.ts';
import type { AlarmTimes } from './oracle/gas.ts';
import type { WorldReport, WorldTask } from './worker.ts';
import { plant } from './mutate.ts';
import { runWorlds } from './worlds.ts';

/** Enough for the budgets to be used up. */
const SMALL_DRAIN = ['--wallets', '12', '--hours', '3'];
/** What one crowd happens not to try, another one does. */
const DRAINS_MAX = 4;

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

/** Small drains in processes of their own, with one seed after the other, until one finds it. */
async function huntInDrain(seed: string, mutant: string): Promise<Hunted> {
  for (let run = 0; run < DRAINS_MAX; run++) {
    const found = await drainWith(run === 0 ? seed : `${seed} ${run}`, mutant);
    if (found !== undefined) return { found, steps: undefined };
  }
  return { found: undefined, steps: undefined };
}

/** The rule that a small drain finds broken. */
async function drainWith(seed: string, mutant: string): Promise<string | undefined> {
  const program = fileURLToPath(import.meta.url);
  const args = [program, 'gas-drain', '--mutant', mutant, '--seed', seed, ...SMALL_DRAIN];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return /Violation: (INV-\d+)/.exec(text)?.[1];
}

async function drain({ seed, wallets, hours, mutant }: SimulationOptions): Promise<void> {
  const planted = mutant === undefined ? undefined : plant(mutant);
  // After the mutant is planted.
  const { drainGas } = await import('./gas-drain.ts');
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(0);
  const result = await drainGas({
    ...{ seed, wallets, hours, sqlMutation: planted?.sql },
    onHour: ({ hour, attempts, steps }) =>
      console.log(`hour ${hour} of ${hours}: ${attempts} attempts, ${steps} steps, ${seconds()} s`),
  });
  console.log(
    `seed ${seed}: ${wallets} wallets, ${hours} virtual hours, ${result.attempts} attempts, ${result.steps} steps in ${seconds()} s`,
  );
  for (const [day, granted] of result.grantedByDay) console.log(`granted on ${day}: ${granted} of ${result.dayBudget}`);
  console.log(`treasury at its lowest: ${result.treasuryLowest}, floor ${result.floor}`);
  console.log(`payments that the chain has refused: ${result.reverted}`);
  const ways = [...result.selfPayments].map(([way, count]) => `${count} by ${way}`);
  console.log(`payments to oneself, all refused and without a grant: ${ways.join(', ')}`);
  console.log(alarmText(result.alarm));
  console.log(`payments with coin of their own that went on after a refusal: ${result.honestPayments}`);
  console.log(`hash ${result.hash}`);
  // PGlite keeps the process alive.
  process.exit();
}

function alarmText(alarm: AlarmTimes | null): string {
  if (alarm === null) return 'the budget was not used up';
  const { dueAtMs, raisedAtMs, refusedAtMs } = alarm;
  const due = `alarm ${spell(raisedAtMs - dueAtMs)} after less than a refill was left of the day's budget`;
  if (refusedAtMs === null) return `${due}; no payment was refused`;
  const early = refusedAtMs - raisedAtMs;
  return `${due}, ${spell(Math.abs(early))} ${early >= 0 ? 'before' : 'after'} the first payment was refused for it`;
}

/** A duration in hours, minutes and seconds, without those that are none. */
function spell(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return text.length === 0 ? 'less than a second' : text.join(' ');
}
