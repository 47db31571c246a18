import type { BalanceView } from '@jigeum/api';
import { useQuery } from '@tanstack/react-query';
import { balancesQuery } from '../state/queries.ts';

/** The balance that the app pays with: the first of the member's tokens. Undefined while it is not known. */
export function useBalance(): { balance: BalanceView | undefined; isFailed: boolean; retry: () => void } {
  const { data, isError, refetch } = useQuery(balancesQuery);
  return { balance: data?.balances[0], isFailed: isError && data === undefined, retry: () => void refetch() };
}
