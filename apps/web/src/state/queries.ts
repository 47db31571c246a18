/** What the screens ask the server, each question with its cache key in one place. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ChargeView, TransferView } from '@jigeum/api';
import { api } from './api.ts';

/** How many entries a page of a list has. */
const PAGE_SIZE = 20;
/** While a payment is under way the answer is asked for again, in case a live event was lost. */
const ASK_AGAIN_MS = 1_000;
/** A charge may wait for hours; live events do the rest. */
const ASK_AGAIN_CHARGE_MS = 5_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => api.call('me', { signal }),
  refetchInterval: (query) => (query.state.data?.wallet.state === 'preparing' ? ASK_AGAIN_MS : false),
});

export const balancesQuery = queryOptions({
  queryKey: ['balances'],
  queryFn: ({ signal }) => api.call('balances', { signal }),
});

export const recentPayeesQuery = queryOptions({
  queryKey: ['payees'],
  queryFn: ({ signal }) => api.call('recentPayees', { query: { limit: 8 }, signal }),
});

const isUnderWay = (transfer: TransferView | undefined): boolean =>
  transfer === undefined || transfer.state === 'sending' || transfer.state === 'checking';

export const transferQuery = (transferId: string) =>
  queryOptions({
    queryKey: ['transfer', transferId],
    queryFn: ({ signal }) => api.call('getTransfer', { params: { transferId }, signal }),
    refetchInterval: (query) => (isUnderWay(query.state.data) ? ASK_AGAIN_MS : false),
  });

export const verificationQuery = (transferId: string) =>
  queryOptions({
    queryKey: ['verification', transferId],
    queryFn: ({ signal }) => api.call('getReceiptVerification', { params: { transferId }, signal }),
    staleTime: Infinity,
    gcTime: 0,
  });

export const receiptQuery = (transferId: string) =>
  queryOptions({
    queryKey: ['receipt', transferId],
    queryFn: ({ signal }) => api.call('getReceipt', { params: { transferId }, signal }),
    // Once made it never changes.
    staleTime: Infinity,
  });

export type TransferFilter = 'all' | 'out' | 'in';

export const transfersQuery = (filter: TransferFilter) =>
  infiniteQueryOptions({
    queryKey: ['transfers', filter],
    queryFn: ({ pageParam, signal }) =>
      api.call('listTransfers', {
        query: {
          kind: 'payment',
          limit: PAGE_SIZE,
          ...(filter === 'all' ? {} : { direction: filter }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

export const chargesQuery = infiniteQueryOptions({
  queryKey: ['charges'],
  queryFn: ({ pageParam, signal }) =>
    api.call('listCharges', {
      query: { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
      signal,
    }),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.nextCursor,
});

const isChargeOpen = (charge: ChargeView | undefined): boolean =>
  charge === undefined || charge.state === 'waiting' || charge.state === 'paid';

export const chargeQuery = (chargeId: string) =>
  queryOptions({
    queryKey: ['charge', chargeId],
    queryFn: ({ signal }) => api.call('getCharge', { params: { chargeId }, signal }),
    refetchInterval: (query) => (isChargeOpen(query.state.data) ? ASK_AGAIN_CHARGE_MS : false),
  });
