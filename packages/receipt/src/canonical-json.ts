/**
 * One text for one value: the part of RFC 8785 that a receipt needs. Keys in the order of their UTF-16 code units, no
 * whitespace, strings as JSON.stringify writes them, numbers as whole digits. Nulls, booleans and fractions do not occur.
 */

/** What a receipt is made of. */
export type CanonicalValue = string | number | readonly CanonicalValue[] | { readonly [name: string]: CanonicalValue };

/** The one text of a value. Throws a `RangeError` for a number that is not a whole one from 0 to 2^53 − 1. */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0))
      throw new RangeError(`Expected a whole number from 0 to 2^53 − 1, got ${value}.`);
    return value.toString();
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const names = Object.keys(value).toSorted((left, right) => (left < right ? -1 : 1));
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name]!)}`).join(',')}}`;
}

const isList = (value: readonly CanonicalValue[] | object): value is readonly CanonicalValue[] => Array.isArray(value);
