import { describe, expect, test } from 'vitest';
import {
  ask,
  createPendingStore,
  GRACE_MS,
  isGraceOver,
  notArrived,
  PENDING_KEY,
  prepare,
  refused,
  type TransferOrder,
} from './pending-transfer.ts';

const order: TransferOrder = {
  payer: 'soyeon',
  payeeId: '0193a7c0-0000-7000-8000-000000000001',
  maskedName: '박*호',
  token: 'EST',
  amount: '12000000000000000000000',
  memo: '',
};

function ids(): () => string {
  let count = 0;
  return () => `id-${++count}`;
}

function memory(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  } as Storage;
}

describe('a payment under way', () => {
  test('keeps its id while the order stays the same', () => {
    const newId = ids();
    const first = prepare(null, order, newId);
    expect(prepare(first, order, newId)).toBe(first);
    expect(first?.transferId).toBe('id-1');
  });

  test.each(['payeeId', 'amount', 'memo', 'token', 'maskedName', 'payer'] as const)(
    'gets a new id when the %s changes before it was sent',
    (field) => {
      const newId = ids();
      const first = prepare(null, order, newId);
      expect(prepare(first, { ...order, [field]: '7' }, newId)).toEqual({
        ...order,
        [field]: '7',
        transferId: 'id-2',
        phase: 'ready',
        askedAtMs: null,
      });
    },
  );

  test('leaves once: a second tap finds it gone', () => {
    const asked = ask(prepare(null, order, ids())!, 1_000)!;
    expect(asked).toEqual({ ...order, transferId: 'id-1', phase: 'asked', askedAtMs: 1_000 });
    expect(ask(asked, 1_001)).toBeNull();
  });

  test('lets no other payment take its place while its outcome is not known', () => {
    const asked = ask(prepare(null, order, ids())!, 0)!;
    expect(prepare(asked, { ...order, amount: '1' }, ids())).toBeNull();
    expect(prepare(asked, order, ids())).toBeNull();
  });

  test('gets a new id after a refusal, because the server has answered for the old one', () => {
    const newId = ids();
    const asked = ask(prepare(null, order, newId)!, 0)!;
    expect(refused(asked, newId)).toEqual({ ...order, transferId: 'id-2', phase: 'ready', askedAtMs: null });
  });

  test('keeps its id when it never arrived, so that a late arrival is the same payment', () => {
    const asked = ask(prepare(null, order, ids())!, 0)!;
    expect(notArrived(asked)).toEqual({ ...order, transferId: 'id-1', phase: 'ready', askedAtMs: null });
  });

  test('is believed lost only after the grace time, which is longer than the client waits for an answer', () => {
    const asked = ask(prepare(null, order, ids())!, 5_000)!;
    expect(isGraceOver(asked, 5_000 + GRACE_MS - 1)).toBe(false);
    expect(isGraceOver(asked, 5_000 + GRACE_MS)).toBe(true);
    expect(GRACE_MS).toBeGreaterThan(15_000);
  });
});

describe('the store of a payment under way', () => {
  test('has it in storage by the time set returns, and reads it back after a reload', () => {
    const storage = memory();
    const asked = ask(prepare(null, order, ids())!, 9)!;
    createPendingStore(() => storage).set(asked);
    expect(createPendingStore(() => storage).get()).toEqual(asked);
  });

  test('forgets it when it is settled', () => {
    const storage = memory();
    const store = createPendingStore(() => storage);
    store.set(prepare(null, order, ids()));
    store.set(null);
    expect(storage.getItem(PENDING_KEY)).toBeNull();
  });

  test.each([
    ['text that is not JSON', 'x{'],
    ['another shape', '{"transferId":"a"}'],
    [
      'an amount that is no whole number',
      JSON.stringify({ ...order, amount: '1.5', transferId: 'a', phase: 'asked', askedAtMs: 1 }),
    ],
    ['a phase that does not exist', JSON.stringify({ ...order, transferId: 'a', phase: 'paid', askedAtMs: 1 })],
    ['null', 'null'],
  ])('starts empty when it finds %s', (_what, text) => {
    const storage = memory();
    storage.setItem(PENDING_KEY, text);
    expect(createPendingStore(() => storage).get()).toBeNull();
  });

  test('works in memory where the browser refuses storage', () => {
    const store = createPendingStore(() => {
      throw new Error('SecurityError');
    });
    const ready = prepare(null, order, ids());
    store.set(ready);
    expect(store.get()).toBe(ready);
  });
});
