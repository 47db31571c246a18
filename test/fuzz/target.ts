/** What a storm needs to know of one decoder. */
import type { Random } from './random.ts';

/** A decoder under attack. */
export interface FuzzTarget {
  readonly name: string;
  /** One line for the usage text. */
  readonly explains: string;
  /** Bytes that must be accepted. Every kind of value comes up. */
  generate(random: Random): Uint8Array;
  /** The bytes changed so that they may no longer be valid. `other` is another valid input. */
  mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array;
  /** Feeds the decoder. Throws for everything that must not happen; a refusal with a documented error is none of it. */
  check(input: Uint8Array): Verdict | Promise<Verdict>;
  /** Where the check remembers: `reset` forgets, and is called before every index that `period` divides. */
  readonly period?: number;
  reset?(): Promise<void>;
}

/** What the decoder said of an input. */
export type Verdict = 'accepted' | 'refused';

/** Something that must not happen, found by a check. */
export class FuzzFinding extends Error {
  override readonly name = 'FuzzFinding';
}
