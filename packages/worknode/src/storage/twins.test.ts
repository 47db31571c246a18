/** The durable storage against the one in memory: whatever is committed, in whatever order it is opened again, both tell the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStorage } from './memory.ts';
import { openSqliteStorage } from './sqlite.ts';
import type { NodeStorage, RowAt, StateChange } from './storage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-twins-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** So small that some dozen commits fill, drain, sweep and close everything. */
const bounds = { indexBatch: 5, sweepChanges: 100, segmentEntries: 7 };
const ROWS = 1500;

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('block' as const),
        transactions: fc.nat(9),
        rows: fc.uniqueArray(fc.tuple(fc.nat(ROWS - 1), fc.option(fc.nat(255))), {
          selector: ([id]) => id,
          maxLength: 30,
        }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('citizen' as const), row: fc.nat(ROWS - 1) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('journal' as const), count: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  ),
  { minLength: 10, maxLength: 60 },
);

const hashOf = (seed: number): Uint8Array => {
  // Only a few first bytes differ, so that keys of the indexes meet.
  const hash = new Uint8Array(32).fill(seed % 3);
  new DataView(hash.buffer).setUint32(28, seed);
  return hash;
};

describe('the durable storage', () => {
  it.each([undefined, 4])('tells the same as the one in memory, keeping %s blocks of history', (keepHistory) => {
    let run = 0;
    fc.assert(
      fc.property(steps, (list) => {
        const file = join(folder, `${run++}.sqlite`);
        const options = keepHistory === undefined ? { bounds } : { bounds, keepHistory };
        const memory = createMemoryStorage(options);
        let durable = openSqliteStorage(file, options);
        const state = new Map<string, Uint8Array>();
        let seed = 0;
        let [blocks, citizens] = [0, 0];
        const both = (act: (storage: NodeStorage) => void): void => [memory, durable].forEach(act);
        const touched = new Set<number>();
        const changeOf = (id: number, value: Uint8Array | undefined): StateChange => {
          touched.add(id);
          const change = { table: 'account', key: `row ${id}`, value, before: state.get(`row ${id}`) } as const;
          if (value === undefined) state.delete(change.key);
          else state.set(change.key, value);
          return change;
        };
        // A dozen pages: a sweep over them takes several commits.
        const first = Array.from({ length: ROWS }, (_, id) => changeOf(id, new Uint8Array(1)));
        both((storage) => storage.commit({ state: first }));
        touched.clear();
        for (const step of list) {
          if (step.kind === 'block') {
            const waiting = memory.journal().slice(0, step.transactions);
            const hashes = [
              ...waiting.map(({ hash }) => hash),
              ...Array.from({ length: step.transactions }, () => hashOf(seed++)),
            ];
            const block = {
              number: blocks++,
              hash: hashOf(seed++),
              header: hashOf(seed),
              sign: new Uint8Array(64),
              transactions: hashes.map((hash) => ({ hash, raw: hash.subarray(20), receipt: hash.subarray(28) })),
            };
            const changes = step.rows.map(([id, value]) =>
              changeOf(id, value === null ? undefined : new Uint8Array(9).fill(value)),
            );
            both((storage) => storage.commit({ block, state: changes, journalDone: hashes }));
          } else if (step.kind === 'citizen') {
            const hash = hashOf(seed++);
            const record = { hash: hashOf(seed++), raw: hash };
            const citizenBlock = { number: citizens++, hash, header: hash, citizens: [record] };
            const changes = [changeOf(step.row, new Uint8Array(3).fill(seed))];
            both((storage) => storage.commit({ citizenBlock, state: changes }));
          } else if (step.kind === 'journal') {
            const rows = Array.from({ length: step.count }, () => ({ hash: hashOf(seed++), raw: hashOf(seed) }));
            both((storage) => storage.journalAdd(rows));
          } else if (step.kind === 'drop') {
            const [first] = memory.journal();
            both((storage) => storage.journalRemove(first === undefined ? [] : [first.hash]));
          } else {
            durable.close();
            durable = openSqliteStorage(file, options);
          }
        }
        const compare = (): void => {
          const asked = { seeds: seed, rows: [...touched], from: memory.historyFrom() };
          // Blocks that share a state share its end: the durable storage may know some more.
          expect(durable.historyFrom()).toBeLessThanOrEqual(asked.from);
          expect(contentOf(durable, asked)).toEqual(contentOf(memory, asked));
        };
        compare();
        durable.close();
        durable = openSqliteStorage(file, options);
        compare();
        durable.close();
      }),
      { numRuns: 40, seed: 20_260_801 },
    );
  });
});

/** Everything that a storage tells, of all hashes that were ever given and all rows that were ever changed. */
function contentOf(
  storage: NodeStorage,
  { seeds, rows, from }: { readonly seeds: number; readonly rows: readonly number[]; readonly from: number },
): unknown {
  const hashes = Array.from({ length: seeds + 1 }, (_, seed) => hashOf(seed));
  const heads = Array.from(storage.heads(), ({ number, hash, header, sign }) => ({ number, hash, header, sign }));
  return {
    heads,
    blocks: heads.map(({ number }) => storage.block(number)),
    // A block of this test has fewer than nineteen transactions.
    firsts: heads.map(({ number }) => [0, 1, 18].map((index) => storage.transactionAt(number, index))),
    state: Array.from(storage.state(), ({ key, value }) => [key, value]).sort(),
    journal: storage.journal(),
    places: hashes.map((hash) => [
      storage.blockNumber(hash),
      storage.transaction(hash),
      storage.citizenBlockNumber(hash),
      storage.citizen(hash),
    ]),
    history: heads
      .filter(({ number }) => number >= from)
      .map(({ number }) =>
        rows.map((id) => then(storage.rowAt({ chain: 'main', block: number }, 'account', `row ${id}`))),
      ),
  };
}

const then = (row: RowAt): string => (row.kind === 'unchanged' ? '-' : String(row.before));
