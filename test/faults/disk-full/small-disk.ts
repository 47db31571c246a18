/** A disk of a fixed size, in memory, under a folder of a stopped PostgreSQL. Mounting is for the system's root only. */
import { execFile } from 'node:child_process';
import { appendFileSync, chownSync, chmodSync, renameSync, rmSync, statSync, mkdirSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SmallDisk {
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  release(): void;
  /** Takes the disk away, with all that is on it. Nobody may use it any more. */
  unmount(): Promise<void>;
}

const BLOCK = Buffer.alloc(65_536);
const PAGE = Buffer.alloc(4_096);

/** Moves a folder onto a new disk of so many mebibytes. */
export async function moveToSmallDisk(folder: string, sizeMib: number): Promise<SmallDisk> {
  const { uid, gid, mode } = statSync(folder);
  const before = `${folder}.before`;
  renameSync(folder, before);
  mkdirSync(folder);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', folder]);
  chownSync(folder, uid, gid);
  chmodSync(folder, mode & 0o777);
  await run('cp', ['-a', `${before}/.`, folder]);
  rmSync(before, { recursive: true });
  const filler = `${folder}/filler`;
  return {
    fill() {
      for (const piece of [BLOCK, PAGE]) writeUntilFull(filler, piece);
    },
    release: () => rmSync(filler, { force: true }),
    unmount: async () => void (await run('umount', [folder])),
  };
}

function writeUntilFull(file: string, piece: Buffer): void {
  for (;;) {
    try {
      appendFileSync(file, piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
