import { readWonKorean } from '@jigeum/money';
import type { ReactNode } from 'react';
import { useLanguage, useT } from '../i18n/client.ts';
import { AmountText } from '../ui/AmountText.tsx';
import { wonOf } from '../ui/amount-entry.ts';
import { WON } from '../ui/money.ts';
import './AmountInput.css';

interface AmountInputProps {
  won: string;
  /** Stands in place of the reading while nothing is entered. */
  hint: ReactNode;
  /** What is wrong with the amount; takes the place of the reading. */
  problem?: ReactNode;
}

/** The amount being entered, as large as the screen allows, with its reading in words below (Korean only). */
export function AmountInput({ won, hint, problem }: AmountInputProps) {
  const language = useLanguage();
  const t = useT();
  const value = wonOf(won);
  return (
    <div className="amount-input" data-empty={won === ''} data-long={won.length > 7} aria-live="polite">
      <p className="amount-input-figure">
        {won === '' ? (
          <span aria-label={t('charge.reading')}>{language === 'ko' ? '0원' : '₩0'}</span>
        ) : (
          <AmountText amount={value} token={WON} language={language} />
        )}
        <i className="amount-input-caret" aria-hidden="true" />
      </p>
      <p className="amount-input-reading" data-problem={problem !== undefined && problem !== null}>
        {problem ?? (won === '' ? hint : language === 'ko' ? readWonKorean(value) : ' ')}
      </p>
    </div>
  );
}
