/** What the statements of this module share. */

/** The same bytes as the driver takes them. */
export const bytes = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.length);

/** The first row. Throws where there is none: `what` completes "Expected …". */
export async function one<T>(query: Promise<{ rows: T[] }>, what: string): Promise<T> {
  const row = (await query).rows[0];
  if (row === undefined) throw new Error(`Expected ${what}, got no row.`);
  return row;
}
