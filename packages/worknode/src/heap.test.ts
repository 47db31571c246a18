import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** MiB of young space, in the main thread and in one that asks for 4, of a process with the flags of a node. */
function youngSpaces(prepare: string): { readonly main: number; readonly thread: number } {
  const measure = `const young = () => v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
    let last; for (let count = 0; count < 3e6; count++) last = [last?.length, { count }];`;
  const thread = `import v8 from 'node:v8'; import { parentPort } from 'node:worker_threads'; ${measure} parentPort.postMessage(young());`;
  const program = `
    import v8 from 'node:v8';
    import { Worker } from 'node:worker_threads';
    import { boundHeapGrowth } from ${JSON.stringify(new URL('./heap.ts', import.meta.url).href)};
    ${prepare}
    const worker = new Worker(${JSON.stringify(thread)}, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    const size = await new Promise((resolve) => worker.once('message', resolve));
    ${measure}
    console.log(JSON.stringify({ main: young(), thread: size }));`;
  const flags = ['--min-semi-space-size=32', '--max-semi-space-size=32', '--input-type=module'];
  return JSON.parse(execFileSync(process.execPath, [...flags, '--eval', program], { encoding: 'utf8' })) as never;
}

it('leaves the young space of the start to the main thread, and gives others what they ask for', () => {
  expect(youngSpaces('boundHeapGrowth();')).toEqual({ main: 64, thread: 4 });
});

it('is needed: V8 gives every thread the young space of the start', () => {
  expect(youngSpaces('')).toEqual({ main: 64, thread: 64 });
});
