/** Pages of lists: newest first, an opaque cursor, one row more than asked to know whether there is another page. */
import { AppError } from './app-error.ts';

/** Opaque text of the values that the next page begins after. */
export function cursorOf(after: readonly string[]): string {
  return Buffer.from(JSON.stringify(after), 'utf8').toString('base64url');
}

/** The values inside a cursor; undefined for the first page. Throws 'request-invalid' where it is not one of ours. */
export function readCursor(cursor: string | undefined, count: number): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page.', cause });
  }
  if (!Array.isArray(values) || values.length !== count || !values.every((value) => typeof value === 'string'))
    throw new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page of this list.' });
  return values;
}

/** Makes a page from up to `limit + 1` rows: select one more than the limit and give all of them. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorValues: (row: Row) => readonly string[],
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(cursorValues(last)) : null,
  };
}

/** A place in a list by time. */
export interface Place {
  at: Date;
  id: string;
}

/** The place that the next page of a list by time begins after; undefined for the first page. Its cursor has the time and a UUID. */
export function placeOf(cursor: string | undefined): Place | undefined {
  const values = readCursor(cursor, 2);
  return values === undefined ? undefined : { at: instantOf(values[0]!), id: uuidOf(values[1]!) };
}

/** Throws 'request-invalid' for a cursor that somebody made up. */
function instantOf(text: string): Date {
  const at = new Date(text);
  // As it was written into the cursor: a year of another length is beyond the database.
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) || Number.isNaN(at.getTime()))
    throw new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page.' });
  return at;
}

/** Throws 'request-invalid' for a cursor that somebody made up. */
function uuidOf(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page.' });
  return text;
}
