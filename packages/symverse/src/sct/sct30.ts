/**
 * SCT30, the template of unique items after ERC-721. An item's index is given by the chain when it is created.
 *
 * Where the sources contradict each other, symjs 1.0.6 is followed:
 * - transferOwner costs 40,000, as symjs has it; the documents and sym-tools say 4,000.
 * - transferOwner has number 7 in the documents, in sym-tools and in the gas table of symjs; the builder of symjs writes 9.
 *   Here 7 is written, and 9 is read as the same call, for it is all that a user of symjs can send. The gas of 9 is zero,
 *   which is the limit that symjs computes for it.
 * - The documents' example describes other items than its bytes hold; the bytes are right.
 */
import { recordField, symId, text, type FieldTable, type RecordOf } from '../record.ts';
import { SCT_TYPE, type SctCall } from './codec.ts';
import { SCT_ERR } from './errors.ts';
import { decodeCall, encodeCall, name, quantity, readCall, symbol, type CallOf, type MethodRow } from './template.ts';

/**
 * An item's fields in wire order. A client may leave a field out, which is the empty text (the value 0n): its place on the
 * wire stays. Texts other than the name may hold any character: what shows them takes care.
 */
export const SCT30_ITEM_FIELDS = [
  ['type', text],
  ['name', name],
  ['value', quantity],
  ['category', text],
  ['property', text],
  ['description', text],
] as const satisfies FieldTable;

/** An item as it is created. */
export type Sct30Item = RecordOf<typeof SCT30_ITEM_FIELDS>;

/** The methods: the index is the number on the wire. `gas` is what the operation adds to base and data gas; for createItem, for each item. */
export const SCT30_METHODS = [
  {
    method: 'create',
    gas: 79_000n,
    params: [
      ['name', name],
      ['symbol', symbol],
      ['owner', symId],
    ],
  },
  { method: 'createItem', gas: 30_000n, each: ['items', recordField('SCT30 item', SCT30_ITEM_FIELDS)] },
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
    gas: 16_000n,
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
  { method: 'itemPause', gas: 9_000n, params: [['index', quantity]] },
  { method: 'itemUnpause', gas: 9_000n, params: [['index', quantity]] },
  { method: 'transferOwner', gas: 40_000n, params: [['to', symId]] },
] as const satisfies readonly (MethodRow & { gas: bigint })[];

/** The name of an SCT30 method, such as `createItem`. */
export type Sct30Method = (typeof SCT30_METHODS)[number]['method'];
/** A call of SCT30: `{ method: 'createItem', items }` and seven more. */
export type Sct30Call = CallOf<typeof SCT30_METHODS>;

/** The template. */
export const SCT30 = {
  type: SCT_TYPE.sct30,
  methods: SCT30_METHODS,
  errCodes: { items: SCT_ERR['bad-item-format'] },
  readAs: { 9: 7 },
} as const;

/** The input of a transaction of type 1 that makes this call. Refuses an argument out of bounds with an `SctInputError`. */
export const encodeSct30 = (call: Sct30Call): Uint8Array => encodeCall(SCT30, call);

/**
 * The call of an input. Refuses another template, an unknown method, another number of parameters, a parameter out of
 * bounds, and a creation of no items.
 */
export const decodeSct30 = (input: Uint8Array): Sct30Call => decodeCall(SCT30, input);

/** The typed call of a decoded one; refuses what `decodeSct30` refuses. */
export const readSct30 = (call: SctCall): Sct30Call => readCall(SCT30, call);
