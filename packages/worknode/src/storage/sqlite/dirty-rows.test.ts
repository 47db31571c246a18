import { expect, it } from 'vitest';
import { DirtyRows } from './dirty-rows.ts';
import { SealedWriter } from './sealed.ts';

/** Puts values into a redo row of this change, as a commit does. */
function put(
  rows: DirtyRows,
  change: number,
  values: readonly (readonly [id: number, value: Uint8Array | undefined])[],
) {
  const writer = new SealedWriter();
  for (const [id, value] of values) {
    rows.put(id, change, writer.u32(id).at);
    writer.option(value);
  }
  const row = writer.seal(change);
  rows.keep(change, row);
  // Whoever wrote the row may write another into the same bytes.
  row.fill(0);
}

const bytes = (seed: number, length = 3): Uint8Array => new Uint8Array(length).fill(seed);

it('gives the newest value of each row until its page has it, wherever the rows stand', () => {
  const rows = new DirtyRows();
  put(rows, 1, [
    [0, bytes(1)],
    [1, bytes(0, 0)],
    [700, undefined],
  ]);
  put(rows, 2, [
    [0, bytes(2, 5000)],
    [127, bytes(4)],
    [128, bytes(5)],
  ]);
  const values = (): unknown[] => [0, 1, 2, 127, 128, 700, 9_999_999].map((id) => rows.has(id) && [rows.valueOf(id)]);
  expect(rows.pages().sort()).toEqual([0, 1, 5]);
  expect(values()).toEqual([[bytes(2, 5000)], [bytes(0, 0)], false, [bytes(4)], [bytes(5)], [undefined], false]);
  rows.clean(0);
  expect(rows.pages().sort()).toEqual([1, 5]);
  expect(values()).toEqual([false, false, false, false, [bytes(5)], [undefined], false]);
});

it('gives up redo rows up to a change, and none after it', () => {
  const rows = new DirtyRows();
  for (const change of [1, 2, 3]) put(rows, change, [[change, bytes(change)]]);
  rows.forget(2);
  expect(rows.valueOf(3)).toEqual(bytes(3));
  for (const id of [1, 2]) expect(() => rows.valueOf(id)).toThrow(`the redo row of change ${id} is there`);
});
