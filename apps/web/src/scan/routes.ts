/** The scanner's pages, and what each asks first: the question leaves before the page's own code has arrived. */
import type { QueryClient } from '@tanstack/react-query';
import type { Params, Route } from '../ui/router.tsx';
import * as queries from './queries.ts';

export interface ScanRoute {
  /** Which entry of the menu it belongs to. */
  readonly section: 'overview' | 'blocks' | 'transactions' | 'tokens' | null;
  readonly ask: (cache: QueryClient, params: Params) => void;
}

const nothing = (): void => undefined;

export const routes: readonly Route<ScanRoute>[] = [
  {
    path: '/scan',
    load: () => import('./Overview.tsx'),
    data: { section: 'overview', ask: (cache) => void cache.prefetchQuery(queries.overviewQuery) },
  },
  { path: '/scan/search', load: () => import('./SearchResults.tsx'), data: { section: null, ask: nothing } },
  {
    path: '/scan/blocks',
    load: () => import('./Blocks.tsx'),
    data: { section: 'blocks', ask: (cache) => void cache.prefetchInfiniteQuery(queries.blocksQuery) },
  },
  {
    path: '/scan/transactions',
    load: () => import('./Transactions.tsx'),
    data: { section: 'transactions', ask: (cache) => void cache.prefetchInfiniteQuery(queries.transactionsQuery) },
  },
  {
    path: '/scan/tokens',
    load: () => import('./Tokens.tsx'),
    data: { section: 'tokens', ask: (cache) => void cache.prefetchInfiniteQuery(queries.tokensQuery) },
  },
  {
    path: '/scan/transactions/:hash',
    load: () => import('./Transaction.tsx'),
    data: {
      section: 'transactions',
      ask: (cache, { hash }) => void cache.prefetchQuery(queries.transactionQuery(hash!)),
    },
  },
  {
    path: '/scan/blocks/:number',
    load: () => import('./Block.tsx'),
    data: {
      section: 'blocks',
      ask: (cache, { number }) => {
        if (/^[0-9]{1,15}$/.test(number!))
          void cache.prefetchInfiniteQuery(queries.blockQuery(Number.parseInt(number!, 10)));
      },
    },
  },
  {
    path: '/scan/accounts/:symId',
    load: () => import('./Account.tsx'),
    data: { section: null, ask: (cache, { symId }) => void cache.prefetchInfiniteQuery(queries.accountQuery(symId!)) },
  },
  {
    path: '/scan/tokens/:contract',
    load: () => import('./Token.tsx'),
    data: {
      section: 'tokens',
      ask: (cache, { contract }) => {
        void cache.prefetchInfiniteQuery(queries.tokenQuery(contract!));
        void cache.prefetchInfiniteQuery(queries.holdersQuery(contract!));
      },
    },
  },
];

/** The path of the address bar as the routes know it. */
export const routePath = (path: string): string => path.replace(/^\/scan\.html$/, '/scan').toLowerCase();
