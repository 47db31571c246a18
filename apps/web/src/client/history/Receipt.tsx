import type { TransferView } from '@jigeum/api';
import { useQuery } from '@tanstack/react-query';
import { useLanguage, useT, type T } from '../../i18n/client.ts';
import { transferQuery } from '../../state/queries.ts';
import { fullTimeText } from '../../state/time.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { Button, ButtonLink } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Avatar, Emblem, NameBadge } from '../../ui/Person.tsx';
import { navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { changeDraft } from '../send/send-draft.ts';
import { LoadFailed, ScreenSkeleton } from '../Waiting.tsx';
import { ReceiptProof } from './ReceiptProof.tsx';

/** One payment whole: who, how much, when; and, folded away, what proves it. */
export function Receipt({ transferId }: { transferId: string }) {
  const t = useT();
  const language = useLanguage();
  const { data: transfer, error, refetch } = useQuery(transferQuery(transferId));
  if (transfer === undefined)
    return error === null ? <ScreenSkeleton /> : <LoadFailed onRetry={() => void refetch()} />;
  const { counterparty } = transfer;
  return (
    <Screen
      title={headline(transfer, t)}
      back="/history"
      footer={
        counterparty === null ? undefined : (
          <Button
            look="soft"
            onClick={() => {
              changeDraft({ search: counterparty.memberId, payee: null, won: '', memo: '' });
              navigate('/send');
            }}
          >
            {t('receipt.sendAgain')}
          </Button>
        )
      }
    >
      <div className="receipt">
        <div className="receipt-head">
          {counterparty === null ? <Emblem icon="plus" tone="brand" /> : <Avatar person={counterparty} size={56} />}
          <p className="receipt-amount">
            <AmountText
              amount={transfer.amount}
              token={transfer.token}
              language={language}
              direction={transfer.direction}
            />
          </p>
          <span className="receipt-state" data-state={transfer.state}>
            <Icon name={transfer.state === 'final' ? 'check' : 'clock'} size={16} />
            {t(`history.state.${transfer.state}`)}
          </span>
        </div>
        <dl className="facts card">
          {counterparty !== null && (
            <div>
              <dt>{t('receipt.person')}</dt>
              <dd>
                {counterparty.maskedName} <span className="muted">{counterparty.memberId}</span>
                <br />
                <NameBadge person={counterparty} />
              </dd>
            </div>
          )}
          {transfer.memo !== '' && (
            <div>
              <dt>{t('receipt.memo')}</dt>
              <dd>{transfer.memo}</dd>
            </div>
          )}
          <div>
            <dt>{t('receipt.fee')}</dt>
            <dd>
              <AmountText amount={transfer.fee} token={transfer.token} language={language} />
            </dd>
          </div>
          <div>
            <dt>{t('receipt.requestedAt')}</dt>
            <dd className="figures">{fullTimeText(transfer.requestedAt, language)}</dd>
          </div>
          {transfer.finalAt !== null && (
            <div>
              <dt>{t('receipt.finalAt')}</dt>
              <dd className="figures">{fullTimeText(transfer.finalAt, language)}</dd>
            </div>
          )}
          <div>
            <dt>{t('receipt.number')}</dt>
            <dd className="muted figures">{transfer.transferId.slice(0, 8)}</dd>
          </div>
        </dl>
        {transfer.state === 'final' && (
          <ButtonLink to={`/history/${transfer.transferId}/receipt`} look="plain">
            {t('receipt.print')}
          </ButtonLink>
        )}
        <ReceiptProof transfer={transfer} />
      </div>
    </Screen>
  );
}

function headline(transfer: TransferView, t: T): string {
  const name = transfer.counterparty?.maskedName;
  if (transfer.state === 'checking') return t('receipt.checking');
  if (transfer.state === 'returned') return t('receipt.returned');
  if (name === undefined) return t('receipt.charged');
  if (transfer.direction === 'in') return t('receipt.receivedFrom', { name });
  return transfer.state === 'sending' ? t('receipt.sending') : t('receipt.sentTo', { name });
}
