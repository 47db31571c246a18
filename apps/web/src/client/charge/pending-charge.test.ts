import { expect, test } from 'vitest';
import { askFor, createPendingCharge } from './pending-charge.ts';

const order = { memberId: 'soyeon', won: '50000' };

function ids(): () => string {
  let count = 0;
  return () => `id-${++count}`;
}

test('asks for the same charge under the same id', () => {
  const newId = ids();
  const first = askFor(null, order, newId);
  expect(first).toEqual({ ...order, requestId: 'id-1' });
  expect(askFor(first, { ...order }, newId)).toBe(first);
});

test.each(['memberId', 'won'] as const)('gets a new id when the %s is another', (field) => {
  const newId = ids();
  const first = askFor(null, order, newId);
  expect(askFor(first, { ...order, [field]: '7' }, newId)).toEqual({ ...order, [field]: '7', requestId: 'id-2' });
});

test.each(['', '{', 'null', '[]', '{"requestId":"a","memberId":"b","won":"-5"}', '{"requestId":"a","won":"5"}'])(
  'finds nothing where %j is stored',
  (text) => {
    const storage = { getItem: () => text, setItem: () => undefined, removeItem: () => undefined };
    expect(createPendingCharge(() => storage).get()).toBeNull();
  },
);
