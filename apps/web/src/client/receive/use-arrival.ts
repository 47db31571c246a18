import type { TransferView } from '@jigeum/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { transfersQuery } from '../../state/queries.ts';

/** A live event puts an arrival into the list at once; should one be lost, this finds it. */
const ASK_AGAIN_MS = 1_500;

/**
 * The newest payment to me that was not there when the screen opened: null while there is none. Live events may tell an
 * old payment again, so what counts is the list, not the event.
 */
export function useArrival(): { arrival: TransferView | null; dismiss: () => void } {
  const { data, isFetchedAfterMount } = useInfiniteQuery({
    ...transfersQuery('in'),
    refetchInterval: ASK_AGAIN_MS,
    refetchOnMount: 'always',
  });
  const items = data?.pages[0]?.items ?? [];
  const [known, setKnown] = useState<ReadonlySet<string> | null>(null);
  if (known === null && isFetchedAfterMount && data !== undefined) setKnown(finalIds(items));
  const arrival = known === null ? null : (items.find((item) => isArrival(item, known)) ?? null);
  return { arrival, dismiss: () => setKnown(finalIds(items)) };
}

const finalIds = (items: readonly TransferView[]): ReadonlySet<string> =>
  new Set(items.filter(({ state }) => state === 'final').map(({ transferId }) => transferId));

/** On its way or there, and new to this screen. */
const isArrival = (transfer: TransferView, known: ReadonlySet<string>): boolean =>
  transfer.state !== 'returned' && !known.has(transfer.transferId);
