/** What a section of the vectors needs of the one who runs it. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

export type Hex = `0x${string}`;
/** Any JSON value; a section states the shape that it relies on. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Entry = Readonly<Record<string, unknown>>;

/** One named check of a section; it fails by throwing. */
export interface Check {
  readonly name: string;
  run(): void | Promise<void>;
}

/** Makes the checks of a section. What it does not look at, it must name in `fields`, or it fails. */
export type Section<T> = (section: T) => readonly Check[];

/** The whole file. */
export const readVectors = (): Readonly<Record<string, Json>> =>
  JSON.parse(readFileSync(new URL('../../vectors/symverse.json', import.meta.url), 'utf8')) as Record<string, Json>;

/** Fields that only speak of the entry. */
const SPOKEN = new Set(['origin', 'note', 'warning', 'name', 'what', 'rule']);

/** Stops unless these fields, and such as only speak of the entry, are all that it has: a field that nobody checks is seen. */
export function onlyFields(entry: object, ...checked: readonly string[]): void {
  const unknown = Object.keys(entry).filter((field) => !SPOKEN.has(field) && !checked.includes(field));
  expect(unknown, 'fields that no check claims').toEqual([]);
}
