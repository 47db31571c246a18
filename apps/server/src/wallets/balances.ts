/** What a member has: the rows of the ledger, which are posted when the chain's outcome is final. Asks no node. */
import type { BalancesView } from '@jigeum/api';
import type { Deps } from '#deps';
import { safeNumber } from '#platform';
import * as store from './store.ts';

/** The member's balances as the API shows them. `memberId`: the member's UUID. */
export async function balancesOf(deps: Pick<Deps, 'db' | 'chain'>, input: { memberId: string }): Promise<BalancesView> {
  const [rows, block] = await Promise.all([
    store.balancesOfMember(deps.db, input.memberId),
    store.postedBlock(deps.db, deps.chain.chainId),
  ]);
  return {
    balances: rows.map((row) => ({
      token: {
        symbol: row.symbol,
        name: row.name,
        decimals: row.decimals,
        wonPerToken: row.won_per_token?.toString() ?? null,
        isPaused: row.state === 'paused',
      },
      available: row.available,
      held: row.held,
      incoming: row.incoming,
    })),
    asOfBlock: safeNumber(block),
  };
}

/** Whether the member's wallet has its place on the chain. */
export async function walletStateOf(
  deps: Pick<Deps, 'db'>,
  input: { memberId: string },
): Promise<'preparing' | 'ready'> {
  return (await store.walletState(deps.db, input.memberId)) ?? 'preparing';
}
