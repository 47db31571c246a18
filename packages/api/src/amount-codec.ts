/** Amounts on the wire: decimal strings of base units, `bigint` inside. The only place where one becomes the other. */
import { z } from 'zod';

const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;

/** A token amount in base units: decimal digits without sign, exponent or leading zero; at most 2^256−1. */
export const amountBase = z
  .codec(
    z.string().regex(DECIMAL, 'Expected base units as decimal digits, for example "12000000000000000000".'),
    z.bigint(),
    {
      decode: (text) => BigInt(text),
      encode: (value) => value.toString(),
    },
  )
  .refine((value) => value < 2n ** 256n, 'Expected at most 2^256-1 base units.')
  .describe('Token amount in base units, decimal digits.');

/** Whole won, as decimal digits. */
export const amountWon = z
  .codec(
    z.string().regex(/^(?:0|[1-9][0-9]{0,14})$/, 'Expected whole won as decimal digits, for example "50000".'),
    z.bigint(),
    {
      decode: (text) => BigInt(text),
      encode: (value) => value.toString(),
    },
  )
  .describe('Whole Korean won, decimal digits.');

/** An instant: ISO 8601 in UTC with milliseconds. */
export const instant = z.iso.datetime().describe('An instant in UTC, ISO 8601.');
