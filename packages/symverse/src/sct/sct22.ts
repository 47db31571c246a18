/**
 * SCT22, the token template with "authorized transfer": its authority is not described in any reachable source.
 *
 * The sources contradict each other; symjs 1.0.6 has no builder for SCT22, so sym-tools, the published client that has
 * one, is followed:
 * - The numbers are those of sym-tools and of the text of the developer documents. The documents' examples keep the numbers
 *   of SCT20 and write the type as 0x80; the gas table of symjs leaves transferFrom out and so counts from mint = 2.
 * - setAuthority has no parameters: the documents' example agrees, their text lists an owner.
 * - The gas is that of the same SCT20 method, 4,000 for setAuthority.
 * - The template has no approve, so it is open how a transferFrom is ever allowed.
 */
import { symId, type FieldTable } from '../record.ts';
import { SCT_TYPE, type SctCall } from './codec.ts';
import { decodeCall, encodeCall, name, quantity, readCall, symbol, type CallOf } from './template.ts';

/** The methods: the index is the number on the wire. `gas` is what the operation adds to base and data gas. */
export const SCT22_METHODS = [
  {
    method: 'create',
    gas: 49_000n,
    params: [
      ['name', name],
      ['symbol', symbol],
      ['amount', quantity],
      ['owner', symId],
    ],
  },
  {
    method: 'transfer',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'transferFrom',
    gas: 9_000n,
    params: [
      ['from', symId],
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'mint',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'burn',
    gas: 7_000n,
    params: [
      ['from', symId],
      ['amount', quantity],
    ],
  },
  { method: 'pause', gas: 4_000n, params: [] },
  { method: 'unpause', gas: 4_000n, params: [] },
  { method: 'transferOwner', gas: 4_000n, params: [['to', symId]] },
  { method: 'setAuthority', gas: 4_000n, params: [] },
] as const satisfies readonly { method: string; gas: bigint; params: FieldTable }[];

/** The name of an SCT22 method, such as `setAuthority`. */
export type Sct22Method = (typeof SCT22_METHODS)[number]['method'];
/** A call of SCT22: `{ method: 'setAuthority' }` and eight more. */
export type Sct22Call = CallOf<typeof SCT22_METHODS>;

/** The template. */
export const SCT22 = { type: SCT_TYPE.sct22, methods: SCT22_METHODS } as const;

/** The input of a transaction of type 1 that makes this call. Refuses an argument out of bounds with an `SctInputError`. */
export const encodeSct22 = (call: Sct22Call): Uint8Array => encodeCall(SCT22, call);

/** The call of an input. Refuses another template, an unknown method, another number of parameters, or a parameter out of bounds. */
export const decodeSct22 = (input: Uint8Array): Sct22Call => decodeCall(SCT22, input);

/** The typed call of a decoded one; refuses what `decodeSct22` refuses. */
export const readSct22 = (call: SctCall): Sct22Call => readCall(SCT22, call);
