/** What the scanner asks, each question with its cache key. */
import type { CallInput, CallOutput, ScanAccountView } from '@jigeum/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '../state/api.ts';

/** A transaction that waits is asked for until the index has it: a block comes about every second. */
const PENDING_MS = 1_000;
/** What a first look needs, and what somebody wants who goes on: a block may hold thousands. */
const FIRST_PAGE_SIZE = 20;
const NEXT_PAGE_SIZE = 100;
/** What is final does not change while somebody looks at it. */
const FINAL_MS = 5 * 60_000;

/** Kept current by `live.ts`. */
export const overviewQuery = queryOptions({
  queryKey: ['scan', 'overview'],
  queryFn: ({ signal }) => api.call('scanOverview', { signal }),
});

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['scan', 'search', text],
    queryFn: ({ signal }) => api.call('scanSearch', { query: { q: text }, signal }),
    gcTime: 0,
  });

export const transactionQuery = (hash: string) =>
  queryOptions({
    queryKey: ['scan', 'transaction', hash],
    queryFn: ({ signal }) => api.call('scanTransaction', { params: { hash }, signal }),
    refetchInterval: (query) => (query.state.data?.position === null ? PENDING_MS : false),
    staleTime: (query) => (query.state.data?.position === null ? 0 : FINAL_MS),
  });

type Cursor = string | null;
const firstPage = { initialPageParam: null as Cursor };
const nextOf = (last: { nextCursor: Cursor }): Cursor => last.nextCursor;
const pageAt = (cursor: Cursor) => (cursor === null ? { limit: FIRST_PAGE_SIZE } : { limit: NEXT_PAGE_SIZE, cursor });

/** A list that is a route of its own. */
const listQuery = <R extends 'scanBlocks' | 'scanTransactions' | 'scanTokens'>(name: R) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', name],
    queryFn: ({ pageParam, signal }) =>
      api.call(name, { query: pageAt(pageParam), signal } as unknown as CallInput<R>) as Promise<
        CallOutput<R> & { nextCursor: Cursor }
      >,
    getNextPageParam: nextOf,
  });

export const blocksQuery = listQuery('scanBlocks');
export const transactionsQuery = listQuery('scanTransactions');
export const tokensQuery = listQuery('scanTokens');

export const blockQuery = (number: number) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'block', number],
    queryFn: ({ pageParam, signal }) => api.call('scanBlock', { params: { number }, query: pageAt(pageParam), signal }),
    getNextPageParam: nextOf,
    // All that can change is whether another block follows.
    staleTime: (query) => (query.state.data?.pages[0]?.isNewest === false ? FINAL_MS : 0),
  });

export const accountQuery = (symId: string) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'account', symId],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanAccount', { params: { symId }, query: pageAt(pageParam), signal }),
    getNextPageParam: nextOf,
  });

/** What the account's own answer did not hold: its first page is that answer's. */
export const holdingsQuery = ({ symId, tokens, tokensCursor }: ScanAccountView) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'account', symId, 'tokens', tokensCursor],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanAccountTokens', { params: { symId }, query: pageAt(pageParam), signal }),
    initialData: { pages: [{ items: tokens, nextCursor: tokensCursor }], pageParams: [null] },
    staleTime: FINAL_MS,
    getNextPageParam: nextOf,
  });

/** The same for items and coupons. */
export const ownItemsQuery = ({ symId, items, itemsCursor }: ScanAccountView) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'account', symId, 'items', itemsCursor],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanAccountItems', { params: { symId }, query: pageAt(pageParam), signal }),
    initialData: { pages: [{ items, nextCursor: itemsCursor }], pageParams: [null] },
    staleTime: FINAL_MS,
    getNextPageParam: nextOf,
  });

export const tokenQuery = (contract: string) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'token', contract],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanToken', { params: { contract }, query: pageAt(pageParam), signal }),
    getNextPageParam: nextOf,
  });

export const itemsQuery = (contract: string) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'items', contract],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanItems', { params: { contract }, query: pageAt(pageParam), signal }),
    getNextPageParam: nextOf,
  });

export const holdersQuery = (contract: string) =>
  infiniteQueryOptions({
    ...firstPage,
    queryKey: ['scan', 'holders', contract],
    queryFn: ({ pageParam, signal }) =>
      api.call('scanHolders', { params: { contract }, query: pageAt(pageParam), signal }),
    getNextPageParam: nextOf,
  });
