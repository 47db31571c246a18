import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesToHex, seededIds } from '@jigeum/std';
import { openNodeFolder } from './folder.ts';

let above: string;
beforeEach(() => void (above = mkdtempSync(join(tmpdir(), 'jigeum-folder-'))));
afterEach(() => rmSync(above, { recursive: true }));

/** What stood in each folder when the disk was waited for. */
function openWatched(path: string) {
  const synced: [folder: string, names: string[]][] = [];
  const folder = openNodeFolder(path, seededIds('folder'), (each) => void synced.push([each, readdirSync(each)]));
  return { folder, synced };
}

it('waits until the disk has the folder, and each key under its own name, before anybody goes on with it', () => {
  const path = join(above, 'of', 'node');
  const { folder, synced } = openWatched(path);
  expect(synced.splice(0)).toEqual([
    [join(above, 'of'), ['node']],
    [above, ['of']],
  ]);
  const key = folder.key('sealer', true);
  expect(synced.splice(0)).toEqual([[path, ['sealer.key']]]);
  expect(readFileSync(join(path, 'sealer.key'), 'utf8')).toBe(`${bytesToHex(key)}\n`);
  expect(statSync(join(path, 'sealer.key')).mode & 0o777).toBe(0o600);
  folder.key('ca', true);
  folder.caSecret();
  folder.write(folder.developmentKeyFile, '{}');
  expect(synced.splice(0).map(([, names]) => names)).toEqual([
    ['ca.key', 'sealer.key'],
    ['ca.key', 'ca.secret', 'sealer.key'],
    ['ca.key', 'ca.secret', 'development-key.json', 'sealer.key'],
  ]);
});

it('waits for nothing where everything is there', () => {
  const key = openWatched(above).folder.key('sealer', true);
  const { folder, synced } = openWatched(above);
  expect(folder.key('sealer', false)).toEqual(key);
  expect(synced).toEqual([]);
});

it('gives no key that the disk may not have', () => {
  const failing = openNodeFolder(above, seededIds('folder'), () => {
    throw new Error('EIO');
  });
  expect(() => failing.key('sealer', true)).toThrow('EIO');
});
