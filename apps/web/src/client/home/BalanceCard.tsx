import type { BalanceView } from '@jigeum/api';
import { useLanguage, useT } from '../../i18n/client.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { Notice, Skeleton } from '../../ui/Notice.tsx';

interface BalanceCardProps {
  balance: BalanceView | undefined;
  isHidden: boolean;
  isFailed: boolean;
  onRetry: () => void;
}

/** What can be sent, large; what is held and what comes in, small and with the reason. Never added up. */
export function BalanceCard({ balance, isHidden, isFailed, onRetry }: BalanceCardProps) {
  const t = useT();
  const language = useLanguage();
  if (isFailed)
    return (
      <Notice
        tone="caution"
        title={t('app.loadFailed')}
        action={
          <button type="button" className="pill-button" onClick={onRetry}>
            {t('app.retry')}
          </button>
        }
      >
        {t('app.loadFailedHint')}
      </Notice>
    );
  return (
    <section className="balance" aria-busy={balance === undefined}>
      <h2 className="balance-label">{t('home.available')}</h2>
      <p className="balance-amount">
        {balance === undefined ? (
          <Skeleton width="11rem" height="2.750rem" />
        ) : isHidden ? (
          <span aria-label={t('money.hidden')}>••••••</span>
        ) : (
          <AmountText amount={balance.available} token={balance.token} language={language} isLive />
        )}
      </p>
      {balance !== undefined && !isHidden && (
        <ul className="balance-parts">
          {balance.held > 0n && (
            <li>
              <span>
                {t('home.held')} · {t('home.heldWhy')}
              </span>
              <AmountText amount={balance.held} token={balance.token} language={language} />
            </li>
          )}
          {balance.incoming > 0n && (
            <li>
              <span>
                {t('home.incoming')} · {t('home.incomingWhy')}
              </span>
              <AmountText amount={balance.incoming} token={balance.token} language={language} />
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
