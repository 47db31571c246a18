/** What the scanner asks, each question with its cache key. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '../state/api.ts';

/** A block a second: asking more often shows nothing new. */
const LIVE_MS = 1_000;
const PAGE_SIZE = 20;

export const overviewQuery = queryOptions({
  queryKey: ['scan'],
  queryFn: ({ signal }) => api.call('scanOverview', { signal }),
  refetchInterval: LIVE_MS,
});

export const transactionQuery = (hash: string) =>
  queryOptions({
    queryKey: ['scan', 'transaction', hash],
    queryFn: ({ signal }) => api.call('scanTransaction', { params: { hash }, signal }),
    refetchInterval: (query) => (query.state.data?.state === 'pending' ? LIVE_MS : false),
  });

export const blockQuery = (number: number) =>
  queryOptions({
    queryKey: ['scan', 'block', number],
    queryFn: ({ signal }) => api.call('scanBlock', { params: { number }, signal }),
  });

export const accountQuery = (symId: string) =>
  infiniteQueryOptions({
    queryKey: ['scan', 'account', symId],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanAccount', {
        params: { symId },
        query: { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

export const holdersQuery = (contract: string) =>
  infiniteQueryOptions({
    queryKey: ['scan', 'holders', contract],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanHolders', {
        params: { contract },
        query: { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

export const tokenQuery = (contract: string) =>
  infiniteQueryOptions({
    queryKey: ['scan', 'token', contract],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanToken', {
        params: { contract },
        query: { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
