/** Tokens: what can be moved. The chain stores neither decimals nor a price; both are facts of this platform. */
import type { TokenView } from '@jigeum/api';
import { AppError, type Db, type Trx } from '#platform';
import * as store from './store.ts';

export type TokenRow = store.TokenRow;

/** A token as everybody sees it. */
export const tokenView = (row: TokenRow): TokenView => ({
  symbol: row.symbol,
  name: row.name,
  decimals: row.decimals,
  wonPerToken: row.won_per_token?.toString() ?? null,
  isPaused: row.state === 'paused',
});

/** The tokens that exist on the chain. */
export async function listTokens(db: Db): Promise<TokenView[]> {
  return (await store.tokensOnChain(db)).map(tokenView);
}

/** A token whose transfers are possible now. Throws like `requireMovable`. */
export async function movableToken(trx: Trx, input: { symbol: string }): Promise<MovableToken> {
  return requireMovable(await store.findToken(trx, input.symbol));
}

/** The same by the token's id. */
export async function movableTokenById(trx: Trx, tokenId: string): Promise<MovableToken> {
  return requireMovable(await store.findTokenById(trx, tokenId));
}

export interface MovableToken {
  id: string;
  symbol: string;
  contract: string;
  decimals: number;
  wonPerToken: bigint | null;
}

/** Throws 'token-paused' where it cannot be moved now, or 'request-invalid' where there is no such token. */
export function requireMovable(row: TokenRow | undefined): MovableToken {
  if (row === undefined || row.state === 'failed')
    throw new AppError('request-invalid', { detail: 'Expected the symbol of a token of this platform.' });
  if (row.state !== 'active' || row.contract === null) throw new AppError('token-paused');
  return {
    id: row.id,
    symbol: row.symbol,
    contract: row.contract,
    decimals: row.decimals,
    wonPerToken: row.won_per_token,
  };
}
