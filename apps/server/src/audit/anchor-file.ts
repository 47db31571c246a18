/**
 * The file of anchors: one line for each signed head and checkpoint, only ever appended to and flushed to the disk. It is worth
 * most on a medium that the database's operator cannot rewrite (an append-only file system, a log host, tape).
 */
import { open, readFile } from 'node:fs/promises';
import { readCheckpoint, readHead, type Checkpoint, type Head, type Signed } from './checkpoint.ts';

/** Appends lines and waits for the disk. A line that a crash has cut off before is ended first. */
export async function appendAnchors(path: string, lines: readonly string[]): Promise<void> {
  const file = await open(path, 'a+', 0o640);
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const isCut = size > 0 && last[0] !== 0x0a;
    // One write: lines of two processes that share the file do not mix.
    await file.write(`${isCut ? '\n' : ''}${lines.join('\n')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

export interface AnchorFile {
  heads: Signed<Head>[];
  checkpoints: Signed<Checkpoint>[];
  /** Lines that are neither: cut off by a crash, or written by somebody else. */
  unreadable: number;
}

/** Reads a whole file of anchors. Signatures are not looked at. */
export async function readAnchorFile(path: string): Promise<AnchorFile> {
  const out: AnchorFile = { heads: [], checkpoints: [], unreadable: 0 };
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (line === '') continue;
    const head = readHead(line);
    const checkpoint = head === null ? readCheckpoint(line) : null;
    if (head !== null) out.heads.push(head);
    else if (checkpoint !== null) out.checkpoints.push(checkpoint);
    else out.unreadable++;
  }
  return out;
}
