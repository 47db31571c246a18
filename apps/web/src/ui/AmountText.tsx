import { useEffect, useRef, useState } from 'react';
import type { Language } from '../i18n/create-i18n.tsx';
import { moneyText, type MoneyToken } from './money.ts';

interface AmountTextProps {
  amount: bigint;
  token: MoneyToken;
  language: Language;
  /** `in` and `out` show a sign; the sign is no judgement, so it has no red. */
  direction?: 'in' | 'out';
  /** Numbers move to a new value instead of jumping. */
  isLive?: boolean;
}

/** Every amount on a screen. Tabular figures, never broken across lines. */
export function AmountText({ amount, token, language, direction, isLive = false }: AmountTextProps) {
  const shown = useTween(amount, 10n ** BigInt(token.decimals), isLive);
  const sign = direction === undefined ? '' : direction === 'in' ? '+' : '−';
  return (
    <span className="figures">
      {sign}
      {moneyText(shown, token, language)}
    </span>
  );
}

const TWEEN_MS = 400;

/** The value on its way to `target`, in whole multiples of `unit`. Ends exactly at `target`. */
function useTween(target: bigint, unit: bigint, isLive: boolean): bigint {
  const [shown, setShown] = useState(target);
  const from = useRef(target);
  useEffect(() => {
    if (!isLive || matchMedia('(prefers-reduced-motion: reduce)').matches || from.current === target) {
      from.current = target;
      setShown(target);
      return;
    }
    const start = from.current;
    const startedMs = performance.now();
    from.current = target;
    let frame = requestAnimationFrame(function step(nowMs) {
      const part = Math.min(1, (nowMs - startedMs) / TWEEN_MS);
      const eased = BigInt(Math.round((1 - (1 - part) ** 3) * 1_000));
      const between = start + ((target - start) * eased) / 1_000n;
      setShown(part === 1 ? target : between - (between % unit));
      if (part < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [target, unit, isLive]);
  return shown;
}
