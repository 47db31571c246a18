/**
 * A real-name check, and its rules. Pure.
 *
 *            ┌──(resend)──┐
 *   start → sent ─────────┘──(code right)──→ verified ──(join)──→ consumed
 *            │  ↑(resend)
 *            │  expired ←(180 s)
 *            └──(five wrong codes, or refused by the agency)──→ failed
 */
import type { CheckView } from '@jigeum/api';

export const TRIES_MAX = 5;
/** A code lives three minutes. */
export const CODE_SECONDS = 180;
/** The next code is sent no sooner. */
export const RESEND_SECONDS = 30;
/** For one phone, whoever asks. */
export const SENDS_A_DAY_MAX = 5;
/** A verified check can be joined with for so long. */
export const JOIN_WITHIN_MINUTES = 30;

export interface Check {
  id: string;
  state: 'sent' | 'verified' | 'failed' | 'expired' | 'consumed';
  providerRef: string;
  phoneHmac: Uint8Array;
  phoneMasked: string;
  tries: number;
  expiresAt: Date;
  resendAfter: Date;
}

/** Days are Korean: the count of codes begins anew at midnight there. */
export const koreanDay = (nowMs: number): string => new Date(nowMs + 9 * 3_600_000).toISOString().slice(0, 10);

/** What the person who checks sees. */
export function viewOf(check: Check, context: { nowMs: number; sends: number; isSimulation: boolean }): CheckView {
  const isOver = check.state === 'sent' && check.expiresAt.getTime() <= context.nowMs;
  return {
    checkId: check.id,
    state: isOver ? 'expired' : check.state === 'consumed' ? 'verified' : check.state,
    maskedPhone: check.phoneMasked,
    expiresAt: check.expiresAt.toISOString(),
    resendAfter: check.resendAfter.toISOString(),
    triesLeft: TRIES_MAX - check.tries,
    sendsLeft: Math.max(0, SENDS_A_DAY_MAX - context.sends),
    isSimulation: context.isSimulation,
  };
}
