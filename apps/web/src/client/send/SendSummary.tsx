import { useLanguage, useT } from '../../i18n/client.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { wonOf } from '../../ui/amount-entry.ts';
import { WON } from '../../ui/money.ts';
import { Avatar, NameBadge } from '../../ui/Person.tsx';
import type { SendDraft } from './send-draft.ts';

/** What has been decided so far, beside the question on a wide window. */
export function SendSummary({ draft }: { draft: SendDraft }) {
  const t = useT();
  const language = useLanguage();
  return (
    <div className="card stack">
      <h2>{t('send.summaryTitle')}</h2>
      {draft.payee !== null && (
        <div className="send-summary-payee">
          <Avatar person={draft.payee} />
          <div>
            <strong>{draft.payee.maskedName}</strong>
            <NameBadge person={draft.payee} />
          </div>
        </div>
      )}
      <dl className="facts">
        {draft.payee === null && (
          <div>
            <dt>{t('send.summaryPayee')}</dt>
            <dd className="muted">{t('send.notChosen')}</dd>
          </div>
        )}
        <div>
          <dt>{t('send.summaryAmount')}</dt>
          <dd>
            {draft.won === '' ? (
              <span className="muted">{t('send.notChosen')}</span>
            ) : (
              <AmountText amount={wonOf(draft.won)} token={WON} language={language} />
            )}
          </dd>
        </div>
        <div>
          <dt>{t('send.summaryFee')}</dt>
          <dd>
            <AmountText amount={0n} token={WON} language={language} />
          </dd>
        </div>
        <div>
          <dt>{t('send.summaryArrival')}</dt>
          <dd>{t('send.summaryNow')}</dd>
        </div>
      </dl>
    </div>
  );
}
