/** An amount as text: won where the token is pegged to it, otherwise the token's own unit. */
import { formatAmount, formatBaseUnits } from '@jigeum/money';
import type { TokenView } from '@jigeum/api';
import type { Language } from '../i18n/create-i18n.tsx';

export type MoneyToken = Pick<TokenView, 'symbol' | 'decimals' | 'wonPerToken'>;

/** Won itself: what a deposit or a keypad is counted in. */
export const WON: MoneyToken = { symbol: 'KRW', decimals: 0, wonPerToken: '1' };

/** `12,000원` or `₩12,000`; a token that is not pegged keeps its symbol: `1.5 ABC`. Nothing is rounded. */
export function moneyText(amount: bigint, token: MoneyToken, language: Language): string {
  if (token.wonPerToken === null) return `${formatAmount(amount, token.decimals, { grouping: true })} ${token.symbol}`;
  const won = formatAmount(amount * BigInt(token.wonPerToken), token.decimals, { grouping: true });
  return language === 'ko' ? `${won}원` : `₩${won}`;
}

/** Whole won as a token amount, where the token is pegged. Null where it is not, or where the won do not divide. */
export function wonToToken(won: bigint, token: MoneyToken): bigint | null {
  if (token.wonPerToken === null) return null;
  const scaled = won * 10n ** BigInt(token.decimals);
  const per = BigInt(token.wonPerToken);
  return scaled % per === 0n ? scaled / per : null;
}

/** Whole won that a token amount is worth, rest dropped. */
export const tokenToWonDown = (amount: bigint, token: MoneyToken): bigint =>
  (amount * BigInt(token.wonPerToken ?? '0')) / 10n ** BigInt(token.decimals);

/** Base units for the wire or a store. */
export const amountToText = (amount: bigint): string => formatBaseUnits(amount);
