import { describe, expect, it } from 'vitest';
import { readSlots, SLOT_BYTES, writeSlot } from './slots.ts';

describe('slots', () => {
  it('give back what was written, in order, though the bytes are a view of something larger', () => {
    const slots = Buffer.alloc(SLOT_BYTES * 3, 0xff);
    const longest = new Uint8Array(255).fill(9);
    writeSlot(slots, 0, Uint8Array.of(0, 1, 0xab));
    writeSlot(slots, 1, new Uint8Array(300).fill(7).subarray(10, 12));
    writeSlot(slots, 2, longest);
    expect(readSlots(slots)).toEqual(['0001ab', '0707', '09'.repeat(255)]);
  });

  it('refuse a transaction that does not fit, and a slot that was not written', () => {
    const slots = Buffer.alloc(SLOT_BYTES);
    expect(() => writeSlot(slots, 0, new Uint8Array(256))).toThrow('at most 255 bytes, got 256');
    expect(() => readSlots(slots)).toThrow('Expected a transaction in slot 0');
  });
});
