/** SCT20, the token template: ten methods after ERC-20, as a typed union. Amounts are integers in base units; the chain knows no decimals. */
import { symId, type FieldTable } from '../record.ts';
import { SCT_TYPE, type SctCall } from './codec.ts';
import { decodeCall, encodeCall, name, quantity, readCall, symbol, type CallOf } from './template.ts';

/** The methods: the index is the number on the wire. `gas` is what the operation adds to base and data gas. */
export const SCT20_METHODS = [
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
    method: 'approve',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'decreaseApprove',
    gas: 7_000n,
    params: [
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
] as const satisfies readonly { method: string; gas: bigint; params: FieldTable }[];

/** The name of an SCT20 method, such as `transfer`. */
export type Sct20Method = (typeof SCT20_METHODS)[number]['method'];
/** A call of SCT20: `{ method: 'transfer', to, amount }` and nine more. */
export type Sct20Call = CallOf<typeof SCT20_METHODS>;

/** The template. */
export const SCT20 = { type: SCT_TYPE.sct20, methods: SCT20_METHODS } as const;

/** The input of a transaction of type 1 that makes this call. Refuses a name, symbol or amount out of bounds with an `SctInputError`. */
export const encodeSct20 = (call: Sct20Call): Uint8Array => encodeCall(SCT20, call);

/** The call of an input. Refuses another template, an unknown method, another number of parameters, or a parameter out of bounds. */
export const decodeSct20 = (input: Uint8Array): Sct20Call => decodeCall(SCT20, input);

/** The typed call of a decoded one; refuses what `decodeSct20` refuses. */
export const readSct20 = (call: SctCall): Sct20Call => readCall(SCT20, call);
