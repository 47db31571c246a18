/**
 * SCT21, the token template with locks: the methods of SCT20 under the same numbers, and seven that lock amounts and holders.
 *
 * Where the sources contradict each other, symjs 1.0.6 is followed:
 * - mint and burn cost 8,000, as symjs and sym-tools have it; the developer documents say 9,000.
 * - mint's document says that all may call it: taken for a slip of the pen, as in SCT20 only owner and creator may.
 * - The document calls the holder of mint `from` and that of burn `to` in places: on the wire there is one SymID, and
 *   here it is `to` where tokens arrive and `from` where they leave, as in SCT20.
 */
import { symId, type FieldTable } from '../record.ts';
import { SCT_TYPE, type SctCall } from './codec.ts';
import { decodeCall, encodeCall, name, quantity, readCall, symbol, type CallOf } from './template.ts';

/** The methods: the index is the number on the wire. `gas` is what the operation adds to base and data gas. */
export const SCT21_METHODS = [
  {
    method: 'create',
    gas: 50_000n,
    params: [
      ['name', name],
      ['symbol', symbol],
      ['amount', quantity],
      ['lockAmount', quantity],
      ['owner', symId],
    ],
  },
  {
    method: 'transfer',
    gas: 8_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'transferFrom',
    gas: 10_000n,
    params: [
      ['from', symId],
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'approve',
    gas: 8_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'decreaseApprove',
    gas: 8_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'mint',
    gas: 8_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'burn',
    gas: 8_000n,
    params: [
      ['from', symId],
      ['amount', quantity],
    ],
  },
  { method: 'pause', gas: 4_000n, params: [] },
  { method: 'unpause', gas: 4_000n, params: [] },
  { method: 'transferOwner', gas: 4_000n, params: [['to', symId]] },
  {
    method: 'lockTransfer',
    gas: 9_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
      ['lockAmount', quantity],
    ],
  },
  {
    method: 'unlockAmount',
    gas: 9_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  {
    method: 'restoreLockAmount',
    gas: 9_000n,
    params: [
      ['to', symId],
      ['amount', quantity],
    ],
  },
  { method: 'addLockAmount', gas: 6_000n, params: [['amount', quantity]] },
  { method: 'subLockAmount', gas: 6_000n, params: [['amount', quantity]] },
  { method: 'accountLock', gas: 7_000n, params: [['to', symId]] },
  { method: 'accountUnlock', gas: 7_000n, params: [['to', symId]] },
] as const satisfies readonly { method: string; gas: bigint; params: FieldTable }[];

/** The name of an SCT21 method, such as `lockTransfer`. */
export type Sct21Method = (typeof SCT21_METHODS)[number]['method'];
/** A call of SCT21: `{ method: 'lockTransfer', to, amount, lockAmount }` and sixteen more. */
export type Sct21Call = CallOf<typeof SCT21_METHODS>;

/** The template. */
export const SCT21 = { type: SCT_TYPE.sct21, methods: SCT21_METHODS } as const;

/** The input of a transaction of type 1 that makes this call. Refuses an argument out of bounds with an `SctInputError`. */
export const encodeSct21 = (call: Sct21Call): Uint8Array => encodeCall(SCT21, call);

/** The call of an input. Refuses another template, an unknown method, another number of parameters, or a parameter out of bounds. */
export const decodeSct21 = (input: Uint8Array): Sct21Call => decodeCall(SCT21, input);

/** The typed call of a decoded one; refuses what `decodeSct21` refuses. */
export const readSct21 = (call: SctCall): Sct21Call => readCall(SCT21, call);
