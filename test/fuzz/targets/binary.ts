/** Targets whose decoder turns bytes into a value with one form: what decodes must encode to the same bytes. */
import { RecordError, RlpError } from '@jigeum/symverse';
import { equalBytes } from '@jigeum/std';
import { mutateBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget } from '../target.ts';

interface Binary<T> {
  readonly name: string;
  readonly explains: string;
  /** A value by chance. */
  value(random: Random): T;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
  /** What else must hold for a value that was accepted. */
  also?(value: T): void;
}

/** A target for a decoder that refuses with `RlpError` or `RecordError` alone. */
export const binaryTarget = <T>({ name, explains, value, encode, decode, also }: Binary<T>): FuzzTarget => ({
  name,
  explains,
  generate: (random) => encode(value(random)),
  mutate: mutateBytes,
  check(input) {
    let decoded: T;
    try {
      decoded = decode(input);
    } catch (error) {
      if (error instanceof RlpError || error instanceof RecordError) return 'refused';
      throw error;
    }
    if (!equalBytes(encode(decoded), input)) throw new FuzzFinding('Accepted, and encodes to other bytes.');
    also?.(decoded);
    return 'accepted';
  },
});
