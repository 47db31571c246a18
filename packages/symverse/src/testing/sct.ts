/** What the tests of the SCT templates share. Only tests import it. */
import fc from 'fast-check';
import { toHex0x } from '@jigeum/std';
import { SctInputError } from '../sct/codec.ts';
import { parseSymId, symIdFromBytes, type SymId } from '../symid.ts';

/** Any ten bytes. */
export const anySymId: fc.Arbitrary<SymId> = fc.uint8Array({ minLength: 10, maxLength: 10 }).map(symIdFromBytes);
/** Any integer of 256 bits, zero more often than by chance. */
export const anyQuantity: fc.Arbitrary<bigint> = fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** 256n - 1n));
/** Any name or symbol of so many characters. */
export const anyWord = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[A-Za-z0-9 가-힣]{${minLength},${maxLength}}$`));

/** What a symjs caller meant by an argument: SymIDs and texts as they are, everything else an integer. */
export function meantArgument(arg: unknown, isText: boolean): unknown {
  if (isText) return arg;
  if (typeof arg === 'string' && arg.length === 22) return parseSymId(arg);
  return BigInt(arg as string | number);
}

/** The parameter and errCode of a refusal. Fails when there is none. */
export function refusalOf(step: () => unknown): { readonly field: string | null; readonly errCode: number } {
  let accepted: unknown;
  try {
    accepted = step();
  } catch (error) {
    if (error instanceof SctInputError) return { field: error.field, errCode: error.errCode };
    throw error;
  }
  throw new Error(`Expected a refusal, got ${accepted instanceof Uint8Array ? toHex0x(accepted) : 'a call'}.`);
}
