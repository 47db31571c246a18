/** Inputs that once broke a rule, kept so that they never do again. */
import { concatBytes, fromHex0x } from '@jigeum/std';

export interface Finding {
  readonly target: string;
  /** What happened before it was mended. */
  readonly what: string;
  readonly input: () => Uint8Array;
}

export const FINDINGS: readonly Finding[] = [
  {
    target: 'rlp',
    what: 'a mebibyte of empty strings took 400 to 650 ms',
    input: () => concatBytes(fromHex0x('0xfa0ffffc'), new Uint8Array(0x0ffffc).fill(0x80)),
  },
  {
    target: 'rpc',
    what: 'a body of four mebibytes of empty objects took 150 ms',
    input: () => new TextEncoder().encode(`[${'{},'.repeat(1_398_000)}0]`),
  },
];
