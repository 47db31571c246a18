import { expect, it } from 'vitest';
import { BrokenSealError, optionAt, SealedReader, SealedWriter } from './sealed.ts';

const bytes = (seed: number, length: number): Uint8Array => new Uint8Array(length).fill(seed);

it('reads what was written, part by part', () => {
  const writer = new SealedWriter()
    .u8(255)
    .u16(65_535)
    .u32(2 ** 32 - 1)
    .u48(2 ** 48 - 1);
  const optionPlace = writer.raw(bytes(1, 3)).blob(bytes(2, 5000)).at;
  const row = writer.option(bytes(3, 2)).option(undefined).option(bytes(0, 0)).seal(7);
  const reader = new SealedReader(7, row);
  expect([reader.u8(), reader.u16(), reader.u32(), reader.u48()]).toEqual([255, 65_535, 2 ** 32 - 1, 2 ** 48 - 1]);
  expect([reader.raw(3), reader.blob()]).toEqual([bytes(1, 3), bytes(2, 5000)]);
  expect(reader.position).toBe(optionPlace);
  expect(optionAt(row, optionPlace)).toEqual(bytes(3, 2));
  expect([reader.option(), reader.option(), reader.option()]).toEqual([bytes(3, 2), undefined, bytes(0, 0)]);
  expect(reader.isAtEnd()).toBe(true);
  expect(() => new SealedReader(8, row)).toThrow(BrokenSealError);
});

it('writes each row into the bytes of the one before, whatever that was', () => {
  const writer = new SealedWriter();
  const first = writer.blob(bytes(1, 5000)).seal(1);
  const second = writer.u8(9).seal(2);
  expect(second.buffer).toBe(first.buffer);
  expect(new SealedReader(2, second).u8()).toBe(9);
  const third = new SealedWriter().seal(3);
  expect(third.buffer).toBe(first.buffer);
  expect(new SealedReader(3, third).isAtEnd()).toBe(true);
});

it('keeps rows apart that are written at once', () => {
  const [left, right] = [new SealedWriter().u8(1), new SealedWriter().u8(2)];
  left.raw(bytes(1, 3000));
  right.raw(bytes(2, 3000));
  expect(new SealedReader(1, left.seal(1)).raw(3001)).toEqual(bytes(1, 3001));
  expect(new SealedReader(2, right.seal(2)).raw(3001)).toEqual(bytes(2, 3001));
});

it('does not keep the bytes of a row that is longer than those of full blocks', () => {
  const long = new SealedWriter().room(3_000_000).blob(bytes(1, 2_900_000)).seal(1);
  expect(long.buffer.byteLength).toBeLessThan(3_100_000);
  expect(new SealedReader(1, long).blob()).toEqual(bytes(1, 2_900_000));
  expect(new SealedWriter().u8(1).seal(2).buffer).not.toBe(long.buffer);
});
