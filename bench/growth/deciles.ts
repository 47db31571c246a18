/** A growing chain in ten parts of about as many transactions: what a block costs early and late. */
import type { BlockNote } from '../programs/noted-node.ts';

export interface ChainPart {
  readonly blocks: number;
  readonly transactions: number;
  /** Time in which blocks were closed, for a thousand transactions. */
  readonly msPerThousand: number;
  readonly slowestMs: number;
  /** After the part's last block. */
  readonly rssBytes: number;
}

/** The reference, when the chain had grown to `length` transactions: a bare append of full blocks. */
export interface AppendNote {
  readonly length: number;
  readonly msPerThousand: number;
}

const PARTS = 10;

/** Blocks that hold something, in ten parts. A block belongs to the part in which it ends. */
export function deciles(notes: readonly BlockNote[]): ChainPart[] {
  const full = notes.filter(({ transactions }) => transactions > 0);
  const total = full.reduce((sum, { transactions }) => sum + transactions, 0);
  const parts = Array.from({ length: PARTS }, (): BlockNote[] => []);
  let before = 0;
  for (const note of full) {
    before += note.transactions;
    parts[Math.ceil((before * PARTS) / total) - 1]!.push(note);
  }
  return parts.filter((part) => part.length > 0).map(partOf);
}

function partOf(notes: readonly BlockNote[]): ChainPart {
  const transactions = notes.reduce((sum, note) => sum + note.transactions, 0);
  const tookMs = notes.reduce((sum, note) => sum + note.tookMs, 0);
  return {
    blocks: notes.length,
    transactions,
    msPerThousand: (tookMs * 1_000) / transactions,
    slowestMs: Math.max(...notes.map((note) => note.tookMs)),
    rssBytes: notes.at(-1)!.rssBytes,
  };
}

/**
 * The last part against the first that begins after so many transactions: 1 when a block costs the same at any length. Those
 * before were of another kind. NaN when the chain has no two such parts.
 */
export function lateOverEarly(parts: readonly ChainPart[], after: number): number {
  let before = 0;
  const early = parts.findIndex((part) => {
    const isLater = before >= after;
    before += part.transactions;
    return isLater;
  });
  const last = parts.length - 1;
  return early === -1 || early === last ? Number.NaN : parts[last]!.msPerThousand / parts[early]!.msPerThousand;
}

/** What a bare append took while each part grew, in ms for a thousand transactions: the mean of its turns in it, or else the last one before. */
export function appendsOf(parts: readonly ChainPart[], appends: readonly AppendNote[]): number[] {
  let to = 0;
  return parts.map(({ transactions }) => {
    const from = to;
    to += transactions;
    const within = appends.filter(({ length }) => length > from && length <= to);
    const turns = within.length > 0 ? within : appends.filter(({ length }) => length <= from).slice(-1);
    return turns.reduce((sum, { msPerThousand }) => sum + msPerThousand, 0) / turns.length;
  });
}
