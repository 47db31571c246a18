/** The one API client of the page and its cache. */
import { ApiProblem, createApiClient, errorCodes, type ErrorCode } from '@jigeum/api';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import type { Language } from '../i18n/create-i18n.tsx';
import { isLocked } from './session.ts';

export const api = createApiClient({ baseUrl: '' });

/** A question that no answer came to is asked three times; a refusal is an answer. */
const RETRIES_MAX = 3;

/** What any request may find out about the session: that it is locked, or that it has ended. */
function followSession(error: unknown): void {
  const code = refusalOf(error);
  if (code === 'wallet-locked') isLocked.set(true);
  if (code === 'not-logged-in') void queryClient.invalidateQueries({ queryKey: ['me'] });
}

export const queryClient = new QueryClient({
  mutationCache: new MutationCache({ onError: followSession }),
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] !== 'me') followSession(error);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => !(error instanceof ApiProblem) && failures < RETRIES_MAX,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** The code of a refusal; null where no answer came or something else broke. */
export const refusalOf = (error: unknown): ErrorCode | null =>
  error instanceof ApiProblem ? error.problem.code : null;

/** A refusal that leaves no doubt. "The same request is being worked on" and a fault inside the server do leave one. */
export function isCertain(error: unknown): boolean {
  const code = refusalOf(error);
  return (
    code !== null && code !== 'idempotency-in-progress' && code !== 'idempotency-key-reused' && code !== 'internal'
  );
}

/** The refusal's sentence in the member's language. Null for anything that is not a refusal. */
export const refusalSentence = (error: unknown, language: Language): string | null =>
  error instanceof ApiProblem ? errorCodes[error.problem.code][language] : null;

/** How many tries are left, where the refusal counts them. */
export const triesLeftOf = (error: unknown): number | null =>
  error instanceof ApiProblem ? (error.problem.triesLeft ?? null) : null;
