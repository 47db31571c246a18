import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { armFailpoints, failpoint, type FailpointPlan } from './failpoint.ts';

let folder: string;
let disarm: () => void = () => undefined;
const file = (): string => join(folder, 'plan');
const plan = (value: FailpointPlan): void => writeFileSync(file(), JSON.stringify(value), { mode: 0o600 });

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'jigeum-failpoint-'))));
afterEach(() => {
  disarm();
  rmSync(folder, { recursive: true });
});

test('does nothing, and makes nobody wait, where nothing is armed', () => {
  expect(failpoint('F09-before-send')).toBeUndefined();
});

test('throws at the hit that the plan names, counting anew for each run, and writes down every hit', async () => {
  plan({ run: 'one', points: { 'F09-before-send': { at: 2, act: 'throw' } } });
  disarm = armFailpoints(file());
  expect(failpoint('F09-before-send')).toBeUndefined();
  expect(failpoint('F10-sent-before-record')).toBeUndefined();
  await expect(failpoint('F09-before-send')).rejects.toThrow('The failpoint F09-before-send throws, as its file says.');
  expect(failpoint('F09-before-send')).toBeUndefined();
  plan({ run: 'two', points: { 'F09-before-send': { at: 1, act: 'throw' } } });
  await expect(failpoint('F09-before-send')).rejects.toThrow('F09-before-send');
  expect(readFileSync(`${file()}.hits`, 'utf8').trim().split('\n')).toEqual([
    'F09-before-send',
    'F10-sent-before-record',
    'F09-before-send',
    `F09-before-send throw ${process.pid}`,
    'F09-before-send',
    'F09-before-send',
    `F09-before-send throw ${process.pid}`,
  ]);
});

test('ends the process at once where the plan says kill, with the hit on record', () => {
  plan({ run: 'one', points: { 'F12-before-post-commit': { at: 1, act: 'kill' } } });
  const program = `
    const { armFailpoints, failpoint } = await import(${JSON.stringify(new URL('./failpoint.ts', import.meta.url).href)});
    armFailpoints(${JSON.stringify(file())});
    await failpoint('F12-before-post-commit');
    console.log('went on');
  `;
  const { signal, stdout, pid } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect({ signal, stdout }).toEqual({ signal: 'SIGKILL', stdout: '' });
  expect(readFileSync(`${file()}.hits`, 'utf8')).toBe(`F12-before-post-commit\nF12-before-post-commit kill ${pid}\n`);
});
