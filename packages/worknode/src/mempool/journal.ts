/** Writes what the mempool has accepted, so that it outlives the process before anybody is told its hash. */
import type { JournalRow, NodeStorage } from '../storage/storage.ts';
import type { Timers } from '../timers.ts';
import type { PoolTransaction } from './mempool.ts';

/** What was accepted, on its way to the disk. */
export interface Journal {
  add(tx: PoolTransaction): void;
  /** Resolves when the transaction of this hash is durable, at once when it is already. */
  written(hash: string): Promise<void>;
  /** Writes what waits now. Throws when it cannot. */
  flush(): void;
}

/**
 * So many turns a row waits for others whose signatures are being checked. A write and a sync take the thread as long as two
 * transactions do; a turn in which nothing has arrived takes some microseconds.
 */
const TURNS_WAITED = 4;

/**
 * A journal over a storage. Rows are written a few turns after the first of them, or, while the disk is being waited for, all
 * together when it has answered: then one sync is for as many as arrived meanwhile. One at a time, because a disk that fails tells
 * it only once: of two, the other could pass for done. What could not be written, or did not reach the disk, stays for the next
 * time as long as it waits for a block.
 */
export function createJournal(
  { timers, storage }: { readonly timers: Pick<Timers, 'soon'>; readonly storage: NodeStorage },
  node: {
    /** Told when rows were not written, or did not reach the disk. */
    readonly failed: (error: unknown) => void;
    readonly isWaiting: (hashHex: string) => boolean;
  },
): Journal {
  const { failed, isWaiting } = node;
  const waiting = new Map<string, JournalRow>();
  /** Written, and not yet known to be on the disk. */
  const syncing = new Map<string, Promise<void>>();
  let askers: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let isScheduled = false;

  const flush = (): void => {
    const told = askers;
    const written = [...waiting];
    askers = [];
    try {
      if (written.length > 0) storage.journalAdd([...waiting.values()]);
    } catch (error) {
      for (const { reject } of told) reject(error);
      throw error;
    }
    waiting.clear();
    if (written.length > 0) void sync(written, told);
  };
  /** Never rejects. */
  const sync = async (
    written: readonly (readonly [hash: string, row: JournalRow])[],
    told: typeof askers,
  ): Promise<void> => {
    const synced = storage.synced();
    for (const [hash] of written) syncing.set(hash, synced);
    try {
      await synced;
      for (const { resolve } of told) resolve();
    } catch (error) {
      for (const { reject } of told) reject(error);
      failed(error);
      for (const [hash, row] of written) if (isWaiting(hash)) waiting.set(hash, row);
    }
    for (const [hash] of written) syncing.delete(hash);
    if (syncing.size === 0 && askers.length > 0) flushSoon();
  };
  const flushSoon = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    let turns = TURNS_WAITED;
    const flushOrWait = (): void => {
      if (turns-- > 0) return timers.soon(flushOrWait);
      isScheduled = false;
      try {
        flush();
      } catch (error) {
        failed(error);
      }
    };
    timers.soon(flushOrWait);
  };
  return {
    add(tx) {
      waiting.set(tx.hashHex, { hash: tx.hash, raw: tx.raw });
    },
    written(hash) {
      if (!waiting.has(hash)) return syncing.get(hash) ?? Promise.resolve();
      return new Promise((resolve, reject) => {
        askers.push({ resolve, reject });
        if (syncing.size === 0) flushSoon();
      });
    },
    flush,
  };
}
