/**
 * Signed transactions in a file, made before the clock starts: slots of one length, so that each can be read by its place and
 * memory holds only what is being sent. A slot is the length of the text (2 bytes, big-endian), the text in hex, and zeros.
 */

/** A transfer is 350 to 420 hex digits long. */
export const SLOT_BYTES = 512;

/** Writes one transaction into a slot. Refuses one that is too long for it. */
export function writeSlot(slots: Buffer, index: number, raw: Uint8Array): void {
  const hex = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('hex');
  if (hex.length > SLOT_BYTES - 2)
    throw new RangeError(`Expected a transaction of at most ${(SLOT_BYTES - 2) / 2} bytes, got ${raw.length}.`);
  slots.writeUInt16BE(hex.length, index * SLOT_BYTES);
  slots.write(hex, index * SLOT_BYTES + 2, 'latin1');
}

/** The hex texts of whole slots in order, without `0x`. Refuses a slot that nothing was written into. */
export function readSlots(slots: Buffer): string[] {
  return Array.from({ length: slots.length / SLOT_BYTES }, (_, index) => {
    const start = index * SLOT_BYTES;
    const length = slots.readUInt16BE(start);
    if (length === 0 || length > SLOT_BYTES - 2)
      throw new RangeError(`Expected a transaction in slot ${index}, got a length of ${length}.`);
    return slots.toString('latin1', start + 2, start + 2 + length);
  });
}
