import { describe, expect, it } from 'vitest';
import { createWorld, type TestWorld } from '../testing.ts';
import type { JournalRow, NodeStorage } from '../storage/storage.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { createJournal, type Journal } from './journal.ts';
import type { PoolTransaction } from './mempool.ts';

interface Bench {
  readonly journal: Journal;
  /** What was written, a list for each time. */
  readonly writes: string[][];
  /** Ends the turn that runs now, and so many after it. */
  turns(count: number): void;
  /** Lets the disk answer for what was written, or fail. */
  readonly disk: { answer: () => void; fail: (error: Error) => void };
  readonly failures: unknown[];
  tx(nonce: bigint): PoolTransaction;
}

const world: TestWorld = createWorld();

function createBench(): Bench {
  const writes: string[][] = [];
  const failures: unknown[] = [];
  let due: (() => void)[] = [];
  const disk = { answer: (): void => undefined, fail: (_error: Error): void => undefined };
  const storage: NodeStorage = {
    ...createMemoryStorage(),
    journalAdd: (rows: readonly JournalRow[]) => void writes.push(rows.map(({ raw }) => nonceOf(raw))),
    synced: () =>
      new Promise((resolve, reject) => {
        disk.answer = resolve;
        disk.fail = reject;
      }),
  };
  const known = new Map<string, string>();
  const nonceOf = (raw: Uint8Array): string => known.get(String(raw)) ?? 'unknown';
  const journal = createJournal(
    { timers: { soon: (call) => void due.push(call) }, storage },
    { failed: (error) => void failures.push(error), isWaiting: () => true },
  );
  return {
    ...{ journal, writes, disk, failures },
    turns(count) {
      for (let turn = 0; turn < count; turn++) {
        const calls = due;
        due = [];
        for (const call of calls) call();
      }
    },
    tx(nonce) {
      const { raw, hash, hashHex, transaction } = world.sign('alice', { to: world.people.bob.symId, nonce });
      known.set(String(raw), nonce.toString());
      return { raw, hash, hashHex, transaction, costMax: 0n };
    },
  };
}

/** Adds a transaction and says when its answer may be given. */
function accept({ journal }: Bench, tx: PoolTransaction): { isWritten: boolean; error: unknown } {
  const state = { isWritten: false, error: undefined as unknown };
  journal.add(tx);
  journal.written(tx.hashHex).then(
    () => (state.isWritten = true),
    (error: unknown) => (state.error = error),
  );
  return state;
}

const settled = (): Promise<void> => new Promise((resume) => setImmediate(resume));

describe('the journal', () => {
  it('writes what comes within five turns together, and once', () => {
    const bench = createBench();
    accept(bench, bench.tx(0n));
    bench.turns(2);
    accept(bench, bench.tx(1n));
    bench.turns(2);
    expect(bench.writes).toEqual([]);
    accept(bench, bench.tx(2n));
    bench.turns(1);
    expect(bench.writes).toEqual([['0', '1', '2']]);
    bench.turns(20);
    expect(bench.writes).toHaveLength(1);
  });

  it('tells nobody that a transaction is durable before the disk has answered', async () => {
    const bench = createBench();
    const state = accept(bench, bench.tx(0n));
    bench.turns(20);
    await settled();
    expect([bench.writes.length, state.isWritten]).toEqual([1, false]);
    bench.disk.answer();
    await settled();
    expect(state.isWritten).toBe(true);
  });

  it('collects what comes while the disk is waited for, and writes it when it has answered', async () => {
    const bench = createBench();
    accept(bench, bench.tx(0n));
    bench.turns(5);
    const [second, third] = [accept(bench, bench.tx(1n)), accept(bench, bench.tx(2n))];
    bench.turns(20);
    expect(bench.writes).toEqual([['0']]);
    bench.disk.answer();
    await settled();
    bench.turns(5);
    expect(bench.writes).toEqual([['0'], ['1', '2']]);
    bench.disk.answer();
    await settled();
    expect([second.isWritten, third.isWritten]).toEqual([true, true]);
  });

  it('writes at once when a block asks, and nothing of it again', async () => {
    const bench = createBench();
    const state = accept(bench, bench.tx(0n));
    bench.turns(2);
    bench.journal.flush();
    expect(bench.writes).toEqual([['0']]);
    bench.turns(20);
    expect(bench.writes).toEqual([['0']]);
    bench.disk.answer();
    await settled();
    expect(state.isWritten).toBe(true);
  });

  it('writes again what the disk has refused, and says so to who waits', async () => {
    const bench = createBench();
    const state = accept(bench, bench.tx(0n));
    bench.turns(5);
    bench.disk.fail(new Error('no space'));
    await settled();
    expect([state.isWritten, state.error, bench.failures]).toEqual([
      false,
      new Error('no space'),
      [new Error('no space')],
    ]);
    const next = accept(bench, bench.tx(1n));
    bench.turns(5);
    expect(bench.writes).toEqual([['0'], ['0', '1']]);
    bench.disk.answer();
    await settled();
    expect(next.isWritten).toBe(true);
  });
});
