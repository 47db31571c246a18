import { useEffect } from 'react';
import { useT } from '../../i18n/client.ts';
import { useStore } from '../../state/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Avatar, NameBadge } from '../../ui/Person.tsx';
import { goBack, navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { SendSummary } from './SendSummary.tsx';
import { sendDraft } from './send-draft.ts';
import { useResume } from './use-resume.ts';
import './Send.css';

/** Name first: who it is, before any amount. */
export default function CheckPayee() {
  const t = useT();
  const draft = useStore(sendDraft);
  const { payee } = draft;
  useResume();
  useEffect(() => {
    if (payee === null) navigate('/send', { isReplacing: true });
  }, [payee]);
  if (payee === null) return null;
  return (
    <Screen
      title={t('send.checkTitle')}
      back="/send"
      companion={<SendSummary draft={draft} />}
      footer={
        <>
          <Button onClick={() => navigate('/send/amount')}>{t('send.yes')}</Button>
          <Button look="plain" onClick={() => goBack('/send')}>
            {t('send.no')}
          </Button>
        </>
      }
    >
      <div className="payee-card">
        <Avatar person={payee} size={80} />
        <p className="payee-name">{payee.maskedName}</p>
        <NameBadge person={payee} isLong />
        <p className="muted">{payee.memberId}</p>
      </div>
      {payee.isFirstPayment ? (
        <Notice tone="caution" title={t('send.firstPayment')}>
          {t('send.firstPaymentText')}
        </Notice>
      ) : (
        <Notice tone="positive" title={t('send.paidBefore')} />
      )}
    </Screen>
  );
}
