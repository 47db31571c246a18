import type { BroadcastOutcome, TransactionOutcome } from '@jigeum/chain';
import { createTestDeps } from '#testing';
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  CHECKING_AFTER_MS,
  isEnd,
  retryAfterMs,
  shownState,
  transition,
  type OutboxEvent,
  type OutboxState,
  type OutboxView,
  type SourceState,
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
  { kind: 'gas-promised' },
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
  { kind: 'superseded' },
];
const run = (list: readonly OutboxEvent[], from: OutboxView = { state: 'signed', isUnknown: false }) =>
  list.reduce(transition, from);

describe('a signed transaction', () => {
  it('ends by nothing but a final outcome on the chain or the proof of another one, whatever else happens (INV-06)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (list) => {
        expect(isEnd(run(list).state)).toBe(false);
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
    expect(run([{ kind: 'gas-promised' }], waiting)).toEqual({ state: 'signed', isUnknown: false });
  });
});

describe('the moves of a signed transaction', () => {
  const states: OutboxState[] = ['gas_wait', 'signed', 'broadcast', 'final', 'reverted', 'superseded'];
  const pairs = states.flatMap((from) => states.map((to) => [from, to] as const));
  const isAllowed = (from: OutboxState, to: OutboxState) =>
    [false, true].some((isUnknown) =>
      [...events, ...ends].some((event) => transition({ state: from, isUnknown }, event).state === to && from !== to),
    );

  it('are these and no others, whatever state and event meet', () => {
    expect(pairs.filter(([from, to]) => isAllowed(from, to)).map((pair) => pair.join(' → '))).toEqual([
      'gas_wait → signed',
      'signed → broadcast',
      'signed → final',
      'signed → reverted',
      'signed → superseded',
      'broadcast → final',
      'broadcast → reverted',
      'broadcast → superseded',
    ]);
  });

  it('are refused by the database where the function refuses them, and taken where it makes them', async () => {
    const deps = await createTestDeps();
    const { db, ids } = deps;
    const [walletId, grantId] = [ids.uuid(1), ids.uuid(2)];
    await sql`
      insert into wallets (id, kind, chain_id, state, key_hash, address, sealed_keystore, created_at, next_attempt_at)
      values (${walletId}, 'treasury', 7, 'ready', ${Buffer.alloc(20)}, '0x1', '', now(), now())
    `.execute(db);
    let nonce = 0;
    const insert = async (id: string, state: OutboxState) => {
      const isMined = state === 'final' || state === 'reverted';
      await sql`
        insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, state, waits_for,
                                  next_attempt_at, created_at, final_at, block_number, fee)
        values (${id}, 'transfer', ${id}, ${walletId}, ${nonce}, '', ${Buffer.alloc(32, nonce++)}, 1, ${state},
                ${id === grantId ? null : grantId}, now(), now(), ${isEnd(state) ? new Date(0) : null},
                ${isMined ? 1 : null}, ${isMined ? 1 : null})
      `.execute(db);
    };
    await insert(grantId, 'signed');
    const taken: string[] = [];
    for (const [from, to] of pairs.filter(([left, right]) => left !== right)) {
      const id = ids.uuid(nonce);
      await insert(id, from);
      const isMined = to === 'final' || to === 'reverted';
      const change = sql`
        update chain_outbox
        set state = ${to}, final_at = ${isEnd(to) ? new Date(0) : null}, block_number = ${isMined ? 1 : null},
            fee = ${isMined ? 1 : null}
        where id = ${id}
      `.execute(db);
      await change.then(
        () => taken.push(`${from} → ${to}`),
        (error: unknown) => expect(error).toMatchObject({ code: '23514' }),
      );
    }
    expect(taken).toEqual(pairs.filter(([from, to]) => isAllowed(from, to)).map((pair) => pair.join(' → ')));
    await deps.database.drop();
  });
});

describe('what the member sees', () => {
  const at = (state: SourceState, isUnknown: boolean, ageMs: number) =>
    shownState({ state, isUnknown, requestedAtMs: 0, nowMs: ageMs });

  it('is sending, then checking when it is unknown or late, then final or returned', () => {
    expect(at('accepted', false, 0)).toBe('sending');
    expect(at('accepted', false, CHECKING_AFTER_MS)).toBe('sending');
    expect(at('accepted', false, CHECKING_AFTER_MS + 1)).toBe('checking');
    expect(at('accepted', true, 0)).toBe('checking');
    expect(at('final', false, 999_999)).toBe('final');
    expect(at('reverted', false, 999_999)).toBe('returned');
    expect(at('superseded', true, 0)).toBe('returned');
  });
});

describe('the pause before another try', () => {
  it('doubles from half a second and stays at ten', () => {
    expect([1, 2, 3, 4, 5, 6, 100].map(retryAfterMs)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });
});
