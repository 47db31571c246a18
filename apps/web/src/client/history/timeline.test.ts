import type { ChargeView, TransferView } from '@jigeum/api';
import { describe, expect, test } from 'vitest';
import { groupByMonth, mergeTimeline } from './timeline.ts';

const transfer = (transferId: string, requestedAt: string): TransferView =>
  ({ transferId, requestedAt }) as TransferView;
const charge = (chargeId: string, requestedAt: string): ChargeView => ({ chargeId, requestedAt }) as ChargeView;
const ids = (entries: readonly { id: string }[]): string[] => entries.map(({ id }) => id);

describe('the list of payments and charges', () => {
  test('is one list, newest first', () => {
    const merged = mergeTimeline(
      {
        items: [transfer('t2', '2026-11-03T00:00:00.000Z'), transfer('t1', '2026-11-01T00:00:00.000Z')],
        hasMore: false,
      },
      { items: [charge('c1', '2026-11-02T00:00:00.000Z')], hasMore: false },
    );
    expect(ids(merged)).toEqual(['t2', 'c1', 't1']);
  });

  test('holds back what is older than the end of a list that has more, so that nothing jumps', () => {
    const merged = mergeTimeline(
      { items: [transfer('t2', '2026-11-03T00:00:00.000Z')], hasMore: true },
      { items: [charge('c2', '2026-11-04T00:00:00.000Z'), charge('c1', '2026-10-02T00:00:00.000Z')], hasMore: false },
    );
    expect(ids(merged)).toEqual(['c2', 't2']);
  });

  test('is grouped by the month in Korea, not in UTC', () => {
    const entries = mergeTimeline(
      {
        items: [transfer('new', '2026-10-31T15:00:00.000Z'), transfer('old', '2026-10-31T14:59:59.999Z')],
        hasMore: false,
      },
      { items: [], hasMore: false },
    );
    expect(groupByMonth(entries).map(({ month, entries: own }) => [month, ids(own)])).toEqual([
      ['2026-11', ['new']],
      ['2026-10', ['old']],
    ]);
  });
});
