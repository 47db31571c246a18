/** `npm run bench -- <case>`: starts what it measures and a bare reference, loads both in turn, prints a table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@jigeum/std';
import type { BenchCase, StartedCase } from './bench-case.ts';
import { nodeReads } from './cases/node-reads.ts';
import { transfersSmall } from './cases/transfers-small.ts';
import { startLoadGenerator } from './load.ts';
import { formatMachine, machineFacts } from './machine.ts';
import { OptionsError, parseOptions, type BenchOptions } from './options.ts';
import { formatRun, runJson, type Run } from './report.ts';
import { ROUNDS, runRounds, WARM_UP_SECONDS } from './rounds.ts';

const CASES: readonly BenchCase[] = [nodeReads, transfersSmall];

const USAGE = `Usage: npm run bench -- <case> [--seconds 10] [--connections n] [--json name.json]

${CASES.map(({ name, explains, connectionsDefault }) => `${name.padEnd(16)} ${explains} (${connectionsDefault} connections)`).join('\n')}

--seconds      how long each of the two sides is measured, in ${ROUNDS} rounds that take turns
--connections  each has one request under way at any time
--json         keeps every raw sample in bench/results/`;

try {
  const options = parseOptions(
    process.argv.slice(2),
    CASES.map(({ name }) => name),
  );
  if (options === undefined) console.log(USAGE);
  else await bench(options);
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function bench({ caseName, seconds, jsonName, ...given }: BenchOptions): Promise<void> {
  const benchCase = CASES.find(({ name }) => name === caseName)!;
  const connections = given.connections ?? benchCase.connectionsDefault;
  if (connections > benchCase.connectionsMax)
    throw new OptionsError(
      `Expected at most ${benchCase.connectionsMax} connections for ${caseName}; got ${connections}.`,
    );
  const machine = machineFacts();
  const startedAtMs = systemClock.nowMs();
  console.log(formatMachine(machine));
  console.log(
    `${caseName}: ${connections} connections, ${seconds} s each side in ${ROUNDS} rounds by turns, after ${WARM_UP_SECONDS} s of warm-up\n`,
  );
  const generator = await startLoadGenerator();
  let started: StartedCase | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([generator.stop(), started?.stop()]);
  };
  const stopAtSignal = (): void => void stop().then(() => process.exit(130));
  process.once('SIGINT', stopAtSignal);
  process.once('SIGTERM', stopAtSignal);
  try {
    started = await benchCase.start(connections);
    const sides = await runRounds(generator, started, { connections, seconds });
    const goodAnswers = sides.measured.rounds.reduce((sum, { samplesMs }) => sum + samplesMs.length, 0);
    const further = (await started.finish?.(goodAnswers)) ?? [];
    const run: Run = { caseName, startedAtMs, seconds, connections, machine, ...sides, further };
    console.log(formatRun(run));
    if (jsonName !== undefined) {
      const folder = new URL('./results/', import.meta.url);
      mkdirSync(folder, { recursive: true });
      const file = new URL(jsonName, folder);
      writeFileSync(file, runJson(run));
      console.log(`Every sample is in ${fileURLToPath(file)}.`);
    }
    const errors = [...sides.reference.rounds, ...sides.measured.rounds].reduce((sum, round) => sum + round.errors, 0);
    if (errors > 0) process.exitCode = 1;
  } finally {
    await stop();
  }
}
