import { useInfiniteQuery } from '@tanstack/react-query';
import { chargesQuery, transfersQuery } from '../../state/queries.ts';
import { mergeTimeline, type Entry } from './timeline.ts';

export type HistoryFilter = 'all' | 'out' | 'in' | 'charges';

interface Timeline {
  entries: Entry[];
  isPending: boolean;
  isFailed: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
}

/** Payments and charges in one list, as far as they have been loaded. */
export function useTimeline(filter: HistoryFilter): Timeline {
  const wantsTransfers = filter !== 'charges';
  const wantsCharges = filter === 'all' || filter === 'charges';
  const transfers = useInfiniteQuery({
    ...transfersQuery(filter === 'charges' ? 'all' : filter),
    enabled: wantsTransfers,
  });
  const charges = useInfiniteQuery({ ...chargesQuery, enabled: wantsCharges });
  const wanted = [...(wantsTransfers ? [transfers] : []), ...(wantsCharges ? [charges] : [])];
  return {
    entries: mergeTimeline(
      {
        items: wantsTransfers ? (transfers.data?.pages.flatMap((page) => page.items) ?? []) : [],
        hasMore: wantsTransfers && transfers.hasNextPage,
      },
      {
        items: wantsCharges ? (charges.data?.pages.flatMap((page) => page.items) ?? []) : [],
        hasMore: wantsCharges && charges.hasNextPage,
      },
    ),
    isPending: wanted.some((list) => list.isPending),
    isFailed: wanted.some((list) => list.isError && list.data === undefined),
    hasMore: wanted.some((list) => list.hasNextPage),
    isLoadingMore: wanted.some((list) => list.isFetchingNextPage),
    loadMore: () => {
      for (const list of wanted) if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
    },
    retry: () => {
      for (const list of wanted) if (list.isError) void list.refetch();
    },
  };
}
