/**
 * SCT40, the template of coupons: items of SCT30 with points. The contract has a number of points, `cpoint`; creating a
 * coupon takes the coupon's points from it.
 *
 * Where the sources contradict each other, symjs 1.0.6 is followed:
 * - transferFrom costs 14,000, as symjs computes it; the documents, and a figure of symjs that it does not use, say 16,000.
 * - transferOwner costs 40,000, as symjs and sym-tools have it; the documents say 4,000.
 * - The documents' example of create has the type and fields of SCT30, and drops the points.
 * - createCoupon is named by the documents and the gas table of symjs; its builder is called createItem.
 */
import { recordField, symId, text, type FieldTable, type RecordOf } from '../record.ts';
import { SCT_TYPE, type SctCall } from './codec.ts';
import { SCT_ERR } from './errors.ts';
import { decodeCall, encodeCall, name, quantity, readCall, symbol, type CallOf, type MethodRow } from './template.ts';

/**
 * A coupon's fields in wire order. A client may leave a field out, which is the empty text (the point 0n): its place on the
 * wire stays. Texts other than the name may hold any character: what shows them takes care.
 */
export const SCT40_COUPON_FIELDS = [
  ['type', text],
  ['name', name],
  ['point', quantity],
  ['groupNo', text],
  ['couponNo', text],
  ['etc', text],
] as const satisfies FieldTable;

/** A coupon as it is created. */
export type Sct40Coupon = RecordOf<typeof SCT40_COUPON_FIELDS>;

/** The methods: the index is the number on the wire. `gas` is what the operation adds to base and data gas; for createCoupon, for each coupon. */
export const SCT40_METHODS = [
  {
    method: 'create',
    gas: 79_000n,
    params: [
      ['name', name],
      ['symbol', symbol],
      ['cpoint', quantity],
      ['owner', symId],
    ],
  },
  { method: 'createCoupon', gas: 30_000n, each: ['coupons', recordField('SCT40 coupon', SCT40_COUPON_FIELDS)] },
  {
    method: 'transfer',
    gas: 14_000n,
    params: [
      ['to', symId],
      ['index', quantity],
    ],
  },
  {
    method: 'transferFrom',
    gas: 14_000n,
    params: [
      ['from', symId],
      ['to', symId],
      ['index', quantity],
    ],
  },
  {
    method: 'approve',
    gas: 14_000n,
    params: [
      ['to', symId],
      ['index', quantity],
    ],
  },
  { method: 'couponUse', gas: 9_000n, params: [['index', quantity]] },
  { method: 'couponPause', gas: 9_000n, params: [['index', quantity]] },
  { method: 'couponUnpause', gas: 9_000n, params: [['index', quantity]] },
  { method: 'transferOwner', gas: 40_000n, params: [['to', symId]] },
] as const satisfies readonly (MethodRow & { gas: bigint })[];

/** The name of an SCT40 method, such as `couponUse`. */
export type Sct40Method = (typeof SCT40_METHODS)[number]['method'];
/** A call of SCT40: `{ method: 'couponUse', index }` and eight more. */
export type Sct40Call = CallOf<typeof SCT40_METHODS>;

/** The template. */
export const SCT40 = {
  type: SCT_TYPE.sct40,
  methods: SCT40_METHODS,
  errCodes: { coupons: SCT_ERR['bad-item-format'] },
} as const;

/** The input of a transaction of type 1 that makes this call. Refuses an argument out of bounds with an `SctInputError`. */
export const encodeSct40 = (call: Sct40Call): Uint8Array => encodeCall(SCT40, call);

/**
 * The call of an input. Refuses another template, an unknown method, another number of parameters, a parameter out of
 * bounds, and a creation of no coupons.
 */
export const decodeSct40 = (input: Uint8Array): Sct40Call => decodeCall(SCT40, input);

/** The typed call of a decoded one; refuses what `decodeSct40` refuses. */
export const readSct40 = (call: SctCall): Sct40Call => readCall(SCT40, call);
