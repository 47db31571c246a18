import type { BroadcastOutcome, TransactionOutcome } from '@jigeum/chain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHECKING_AFTER_MS,
  retryAfterMs,
  shownState,
  transition,
  type OutboxEvent,
  type OutboxView,
} from './transfer.ts';

const final = (isSuccess: boolean): TransactionOutcome => ({
  kind: 'final',
  isSuccess,
  errorCode: isSuccess ? null : 2000,
  blockNumber: 1,
  blockHash: '0x1',
  fee: 1n,
  contract: null,
});
const refusal = (reason: Extract<BroadcastOutcome, { kind: 'refused' }>['reason']): OutboxEvent => ({
  kind: 'broadcast',
  outcome: { kind: 'refused', reason, text: '' },
});

const events: OutboxEvent[] = [
  { kind: 'gas-arrived' },
  { kind: 'broadcast', outcome: { kind: 'accepted' } },
  { kind: 'broadcast', outcome: { kind: 'already-known' } },
  { kind: 'broadcast', outcome: { kind: 'unknown', cause: '' } },
  refusal('nonce-too-low'),
  refusal('nonce-too-high'),
  refusal('funds-too-low'),
  refusal('pool-full'),
  refusal('invalid'),
  { kind: 'looked-up', outcome: { kind: 'absent' } },
  { kind: 'looked-up', outcome: { kind: 'pending' } },
];
const ends: OutboxEvent[] = [
  { kind: 'looked-up', outcome: final(true) },
  { kind: 'looked-up', outcome: final(false) },
];
const run = (list: readonly OutboxEvent[], from: OutboxView = { state: 'signed', isUnknown: false }) =>
  list.reduce(transition, from);

describe('a signed transaction', () => {
  it('ends by nothing but a final outcome on the chain, whatever else happens (INV-06)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (list) => {
        expect(['final', 'reverted']).not.toContain(run(list).state);
      }),
    );
  });

  it('never changes once it has ended', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ends), fc.array(fc.constantFrom(...events, ...ends)), (end, list) => {
        const ended = run([end]);
        expect(run(list, ended)).toEqual(ended);
      }),
    );
  });

  it('is unknown after a silence until the chain or the node has spoken', () => {
    const silent = run([{ kind: 'broadcast', outcome: { kind: 'unknown', cause: '' } }]);
    expect(silent).toEqual({ state: 'signed', isUnknown: true });
    expect(run([{ kind: 'looked-up', outcome: { kind: 'absent' } }], silent)).toEqual(silent);
    expect(run([{ kind: 'looked-up', outcome: { kind: 'pending' } }], silent)).toEqual({
      state: 'broadcast',
      isUnknown: false,
    });
    expect(run([refusal('nonce-too-low')])).toEqual({ state: 'signed', isUnknown: true });
    expect(run([refusal('pool-full')])).toEqual({ state: 'signed', isUnknown: false });
  });

  it('is not sent before its gas has arrived', () => {
    const waiting: OutboxView = { state: 'gas_wait', isUnknown: false };
    expect(run([{ kind: 'looked-up', outcome: { kind: 'pending' } }], waiting)).toEqual(waiting);
    expect(run([{ kind: 'gas-arrived' }], waiting)).toEqual({ state: 'signed', isUnknown: false });
  });
});

describe('what the member sees', () => {
  const at = (state: 'accepted' | 'final' | 'reverted', isUnknown: boolean, ageMs: number) =>
    shownState({ state, isUnknown, requestedAtMs: 0, nowMs: ageMs });

  it('is sending, then checking when it is unknown or late, then final or returned', () => {
    expect(at('accepted', false, 0)).toBe('sending');
    expect(at('accepted', false, CHECKING_AFTER_MS)).toBe('sending');
    expect(at('accepted', false, CHECKING_AFTER_MS + 1)).toBe('checking');
    expect(at('accepted', true, 0)).toBe('checking');
    expect(at('final', false, 999_999)).toBe('final');
    expect(at('reverted', false, 999_999)).toBe('returned');
  });
});

describe('the pause before another try', () => {
  it('doubles from half a second and stays at ten', () => {
    expect([1, 2, 3, 4, 5, 6, 100].map(retryAfterMs)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });
});
