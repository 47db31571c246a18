/**
 * One changed bit in a copy of a data folder: the node must refuse to start, or go on with nothing changed where the byte is one
 * that nobody reads.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startWorkNode, type WorkNode } from '@jigeum/worknode';
import type { Random } from '../../fuzz/random.ts';

/** What became of one changed bit. */
export interface Flip {
  readonly file: string;
  /** The table whose page the byte is in; empty in other files than the database. */
  readonly table: string;
  readonly outcome: 'names a block' | 'refused' | 'unchanged';
  readonly sentence: string;
}

/** Errors that the command turns into a sentence for people. */
const REFUSALS = new Set(['DamagedStorageError', 'NodeFolderError', 'ForeignChainError', 'GenesisError']);
const BLOCK_TABLES = new Set(['block', 'block_part', 'citizen_block']);

/** Flips bits in copies of a folder. Throws when the node starts on something else than what was there, or fails without a sentence. */
export async function flipBits(
  folder: string,
  scratch: string,
  { count, random }: { readonly count: number; readonly random: Random },
): Promise<Flip[]> {
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile() && isRead(name));
  const tables = tablesOf(folder, scratch);
  const sound = await contentOf(copyOf(folder, scratch));
  const flips: Flip[] = [];
  for (let index = 0; index < count; index++) {
    // Most bits are flipped in the database and its log, if it has one: there is the chain.
    const file = random.oneIn(8) ? random.pick(files) : pickBySize(folder, random);
    const bytes = readFileSync(join(folder, file));
    const at = random.below(bytes.length);
    bytes[at]! ^= 1 << random.below(8);
    const copy = copyOf(folder, scratch);
    writeFileSync(join(copy, file), bytes);
    const where = `bit flip ${index}: byte ${at} of ${file}`;
    const table = file === 'chain.sqlite' ? (tables.nameAt(at) ?? 'free') : '';
    const sentence = await sentenceOf(copy, sound, where);
    if (BLOCK_TABLES.has(table) && sentence !== '' && !namesBlock(sentence))
      throw new Error(`${where}, in the table ${table}: expected the block to be named, got: ${sentence}`);
    const outcome = sentence === '' ? 'unchanged' : namesBlock(sentence) ? 'names a block' : 'refused';
    flips.push({ file, table, outcome, sentence });
  }
  return flips;
}

/** Each byte of the database and its log with the same chance. */
function pickBySize(folder: string, random: Random): string {
  const log = join(folder, 'chain.sqlite-wal');
  const size = statSync(join(folder, 'chain.sqlite')).size;
  const logSize = existsSync(log) ? statSync(log).size : 0;
  return random.below(size + logSize) < size ? 'chain.sqlite' : 'chain.sqlite-wal';
}

/**
 * True when the mark beside the database tells of its last commit. A kill between the two leaves a commit that nobody was
 * answered for: a damaged log may lose it, which is no loss.
 */
export function isMarked(folder: string, scratch: string): boolean {
  const copy = copyOf(folder, scratch);
  const [, marked] = /^jigeum-mark ([0-9]+)/.exec(readFileSync(join(copy, 'chain.sqlite-mark'), 'latin1')) ?? [];
  const db = new DatabaseSync(join(copy, 'chain.sqlite'));
  const { row } = db.prepare("select row from record where name = 'progress'").get() as { row: Uint8Array };
  db.close();
  // Behind its checksum and its length stands the text.
  const { commits } = JSON.parse(Buffer.from(row).toString('utf8', 8)) as { commits: number };
  return Number(marked) === commits;
}

/** The secret of the CA is compared with nothing: it is what callers must know. */
const isRead = (name: string): boolean => name !== 'ca.secret';

const namesBlock = (sentence: string): boolean => /\bblock [0-9]+/i.test(sentence);

function copyOf(folder: string, scratch: string): string {
  rmSync(scratch, { recursive: true, force: true });
  cpSync(folder, scratch, { recursive: true });
  return scratch;
}

/** What the node says when it refuses; empty when it starts with everything as it was. */
async function sentenceOf(folder: string, sound: string, where: string): Promise<string> {
  let content: string;
  try {
    content = await contentOf(folder);
  } catch (error) {
    if (error instanceof Error && REFUSALS.has(error.name)) return error.message;
    throw new Error(`${where}: expected a refusal in a sentence, got: ${String(error)}`, { cause: error });
  }
  if (content !== sound) throw new Error(`${where}: the node started, and tells something else than before.`);
  return '';
}

/** A digest of everything that a node on this folder tells. It closes no block meanwhile. */
async function contentOf(folder: string): Promise<string> {
  const started = await startWorkNode({ dataDir: folder, blockMs: 600_000, emptyBlockMs: null, signerThreads: 0 });
  try {
    return digestOf(started.node);
  } finally {
    await started.stop();
  }
}

function digestOf({ chain: { storage } }: WorkNode): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => void hash.update(JSON.stringify(value, bytesAsHex));
  for (const { number } of storage.heads()) {
    const block = storage.block(number)!;
    add([
      block,
      storage.blockNumber(block.hash),
      block.transactions.map((row) => storage.transaction(row.hash)?.index),
    ]);
  }
  for (let number = storage.citizenHead()!.number; number >= 0; number--) add(storage.citizenBlock(number));
  for (const { table, key, value } of storage.state()) {
    add([table, key, value, storage.rowAt({ chain: 'main', block: 0 }, table, key)]);
  }
  add(storage.journal());
  return hash.digest('hex');
}

const bytesAsHex = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;

/** Which table each page of the database belongs to. */
function tablesOf(folder: string, scratch: string): { nameAt(byte: number): string | undefined } {
  const db = new DatabaseSync(join(copyOf(folder, scratch), 'chain.sqlite'));
  const { page_size: pageSize } = db.prepare('pragma page_size').get() as { page_size: number };
  const rows = db.prepare('select name, pageno from dbstat').all() as { name: string; pageno: number }[];
  db.close();
  const names = new Map(rows.map(({ name, pageno }) => [pageno, name]));
  return { nameAt: (byte) => names.get(Math.floor(byte / pageSize) + 1) };
}
