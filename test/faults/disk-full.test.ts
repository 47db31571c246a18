/** One round of `npm run faults -- disk-full`, where a disk may be mounted. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PLACES, runDiskFull } from './disk-full/scenario.ts';

/** Only the system's root may, and in some containers not even it. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

test.runIf(canMount()).each(PLACES)(
  'loses no accepted payment where the disk of %s is full, and pays again when there is space',
  async (place) => {
    const told: string[] = [];
    const { accepted, answers } = await runDiskFull({
      seed: 'suite',
      rounds: 1,
      place,
      tell: (line) => told.push(line),
    });
    expect(told).toHaveLength(1);
    expect(accepted).toBeGreaterThan(0);
    expect([...answers.keys()].filter((name) => !/^(?:202|50[03] internal|no answer)$/.test(name))).toEqual([]);
  },
);
