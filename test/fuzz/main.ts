/** `npm run fuzz -- [target]`: storms of valid and damaged inputs into every decoder, one after the other. */
import { Worker } from 'node:worker_threads';
import { OptionsError, parseOptions, type FuzzOptions } from './options.ts';
import { INPUT_MS_MAX, type FuzzResult } from './run.ts';
import { createTargets } from './targets.ts';
import type { FuzzOutcome, FuzzTask } from './worker.ts';

/** An input that takes so long is a hang, not slowness: the thread is stopped. */
const HANG_MS = 20_000;

const targets = await createTargets();
const USAGE = `Usage: npm run fuzz -- [target] [--count 100000] [--seed 1] [--from 0]

${targets.map(({ name, explains }) => `${name.padEnd(14)} ${explains}`).join('\n')}

Without a target all are run in turn. The same seed gives the same inputs; --from begins at a later one.
An input breaks a rule when the decoder throws anything but its own errors, holds a processor for more than
${INPUT_MS_MAX} ms (a large batch gives way to others in between), refuses a valid input, or accepts bytes that its encoder would not write.`;

try {
  const options = parseOptions(
    process.argv.slice(2),
    targets.map(({ name }) => name),
  );
  if (options === undefined) console.log(USAGE);
  else await storm(options);
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function storm({ target, ...run }: FuzzOptions): Promise<void> {
  console.log(`seed ${run.seed}, ${run.count} inputs each from ${run.from}\n`);
  console.log('target           accepted    refused   per second   slowest input');
  for (const { name } of targets.filter((each) => target === undefined || each.name === target)) {
    const outcome = await onThread({ name, ...run });
    if (outcome.kind === 'done') console.log(row(name, outcome.result));
    else {
      console.error(`\n${outcome.text}`);
      process.exitCode = 1;
    }
  }
}

function row(name: string, { accepted, refused, seconds, slowest }: FuzzResult): string {
  const rate = Math.round((accepted + refused) / seconds);
  const figures = [accepted, refused, rate].map((figure, index) => `${figure}`.padStart([11, 11, 13][index]!)).join('');
  return `${name.padEnd(14)}${figures}   ${slowest.ms.toFixed(2)} ms (index ${slowest.index}, ${slowest.bytes} bytes)`;
}

function onThread(task: Omit<FuzzTask, 'at'>): Promise<FuzzOutcome> {
  const at = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { ...task, at } satisfies FuzzTask });
  return new Promise((resolve, reject) => {
    let last = -1;
    const watch = setInterval(() => {
      const index = at[0]!;
      if (index !== last) last = index;
      else {
        settle({
          kind: 'failed',
          text: `${task.name} ${index}: no end within ${HANG_MS / 1000} s.\nrepeat it: npm run fuzz -- ${task.name} --seed ${task.seed} --from ${index} --count 1`,
        });
      }
    }, HANG_MS);
    const settle = (outcome: FuzzOutcome): void => {
      clearInterval(watch);
      void worker.terminate();
      resolve(outcome);
    };
    worker.once('message', settle);
    worker.once('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}
