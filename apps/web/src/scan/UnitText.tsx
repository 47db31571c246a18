import { formatAmount } from '@jigeum/money';

/** An amount in a token's own unit, exact. */
export function UnitText({ amount, decimals, symbol }: { amount: bigint; decimals: number; symbol: string }) {
  return (
    <span className="figures scan-unit">
      {formatAmount(amount, decimals, { grouping: true })} {symbol}
    </span>
  );
}
