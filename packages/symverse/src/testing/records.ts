/** Records from the JSON in which documents print them, and any record for properties. Only tests import it. */
import fc from 'fast-check';
import { fromHex0x } from '@jigeum/std';
import type { Citizen } from '../citizen.ts';
import type { Oracle } from '../oracle.ts';
import { CURVE_ORDER } from '../signature.ts';
import { parseSymId } from '../symid.ts';
import { anySymId } from './sct.ts';
import type { Hex } from './vectors.ts';

type Printed = Readonly<Record<string, Hex>>;

const recoveryId = (v: Hex): 0 | 1 => (BigInt(v) === 1n ? 1 : 0);

/** A citizen as the documents print it: quantities in hex, `extra` left out where it is empty. */
export const citizenOf = (json: Printed): Citizen => ({
  from: parseSymId(json['from']!),
  to: parseSymId(json['to']!),
  nonce: BigInt(json['nonce']!),
  symId: parseSymId(json['symId']!),
  aKeyPubH: fromHex0x(json['aKeyPubH']!),
  vFlag: BigInt(json['vFlag']!),
  country: BigInt(json['country']!),
  status: BigInt(json['status']!),
  credit: BigInt(json['credit']!),
  role: BigInt(json['role']!),
  refCode: BigInt(json['refCode']!),
  writeTime: BigInt(json['writeTime']!),
  extra: fromHex0x(json['extra'] ?? '0x'),
  v: recoveryId(json['v']!),
  r: BigInt(json['r']!),
  s: BigInt(json['s']!),
});

/** An oracle record as the documents print it. */
export const oracleOf = (json: Printed): Oracle => ({
  from: parseSymId(json['from']!),
  to: parseSymId(json['to']!),
  nonce: BigInt(json['nonce']!),
  data: fromHex0x(json['data']!),
  extra: fromHex0x(json['extra']!),
  v: recoveryId(json['v']!),
  r: BigInt(json['r']!),
  s: BigInt(json['s']!),
});

/** An unsigned integer of at most so many bytes, zero more often than by chance. */
export const anyUint = (bytes: number): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** BigInt(8 * bytes) - 1n));
/** Bytes of exactly this length. */
export const anyBytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

/** A canonical signature, or none. */
export const anySignature = fc.oneof(
  fc.record({
    v: fc.constantFrom<0 | 1>(0, 1),
    r: fc.bigInt(1n, CURVE_ORDER - 1n),
    s: fc.bigInt(1n, CURVE_ORDER >> 1n),
  }),
  fc.constant({ v: 0 as const, r: 0n, s: 0n }),
);

/** Any oracle record. */
export const anyOracle: fc.Arbitrary<Oracle> = fc
  .tuple(
    fc.record({
      from: anySymId,
      to: anySymId,
      nonce: anyUint(8),
      data: fc.uint8Array({ maxLength: 300 }),
      extra: fc.uint8Array({ maxLength: 60 }),
    }),
    anySignature,
  )
  .map(([unsigned, signature]) => ({ ...unsigned, ...signature }));
