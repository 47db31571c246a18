/** What people asked for and what they were told: the oracle's own memory, outside of the server and its database. */
import type { SimulatedMember } from '../platform.ts';

/** How one try of a request ended for the one who asked. */
export type Reply =
  | { kind: 'answer'; text: string }
  | { kind: 'refused'; code: string }
  /** An error of the server: it tells nothing about the effect. */
  | { kind: 'broken'; error: unknown }
  /** No answer came. */
  | { kind: 'lost' };

/** One payment that a member wants: one key, however often it is asked for. */
export interface AskedPayment {
  key: string;
  payer: SimulatedMember;
  payee: SimulatedMember;
  /** No other payment of the world has this amount: an effect on the chain names its payment. */
  amount: bigint;
  replies: Reply[];
  /** Tries whose end nobody has seen yet. */
  openCount: number;
  /** Nothing of it may ever happen: a wrong PIN, an amount out of range. */
  isForbidden: boolean;
}

export interface AskedCharge {
  key: string;
  member: SimulatedMember;
  amountWon: bigint;
  replies: Reply[];
}

export class Told {
  readonly payments: AskedPayment[] = [];
  readonly charges: AskedCharge[] = [];
  /** Stops that have answered, and until when: of a wallet, or of the whole platform where it is null. */
  readonly stops: { walletId: string | null; fromMs: number; untilMs: number }[] = [];
}

/** Was this promised to its payer? */
export const isAccepted = (payment: AskedPayment): boolean => payment.replies.some(({ kind }) => kind === 'answer');

/** Every try was refused, so nothing of it may happen. */
export const isRefused = (payment: AskedPayment): boolean =>
  payment.openCount === 0 && payment.replies.length > 0 && payment.replies.every(({ kind }) => kind === 'refused');
