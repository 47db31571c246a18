import type { TransferView } from '@jigeum/api';
import { systemClock } from '@jigeum/std';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLanguage, useRich, useT } from '../../i18n/client.ts';
import { refusalOf } from '../../state/api.ts';
import { transferQuery } from '../../state/queries.ts';
import { useStore } from '../../state/store.ts';
import { timeText } from '../../state/time.ts';
import { useOnline } from '../../state/use-online.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { Button, ButtonLink } from '../../ui/Button.tsx';
import { copyText } from '../../ui/CopyButton.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { moneyText } from '../../ui/money.ts';
import { navigate, type Params } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tick } from '../../ui/Tick.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { LoadFailed, ScreenSkeleton } from '../Waiting.tsx';
import { settle } from './pay.ts';
import { pendingTransfer } from './pending.ts';
import { isGraceOver, notArrived, type PendingTransfer } from './pending-transfer.ts';
import './Send.css';

/** What became of a payment: done, on its way, not known yet, or never left. */
export default function Outcome({ params }: { params: Params }) {
  const transferId = params['transferId']!;
  const stored = useStore(pendingTransfer);
  const pending = stored?.transferId === transferId ? stored : null;
  const isOnline = useOnline();
  const { data, error, refetch } = useQuery(transferQuery(transferId));
  const isMissing = refusalOf(error) === 'not-found';

  useEffect(() => {
    if (data !== undefined && pending !== null) settle(data);
  }, [data, pending]);
  // "I do not know it" is believed only after a grace time, and never while there is no network.
  useEffect(() => {
    if (pending?.phase === 'asked' && isMissing && isOnline && isGraceOver(pending, systemClock.nowMs()))
      pendingTransfer.set(notArrived(pending));
  });

  if (data !== undefined) return <Known transfer={data} />;
  if (pending?.phase === 'asked') return <Unknown pending={pending} />;
  if (pending?.phase === 'ready') return <NotArrived />;
  if (isMissing) return <Nothing />;
  if (error !== null) return <LoadFailed onRetry={() => void refetch()} />;
  return <ScreenSkeleton />;
}

function Known({ transfer }: { transfer: TransferView }) {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const name = transfer.counterparty?.maskedName ?? '';
  const amount = <AmountText amount={transfer.amount} token={transfer.token} language={language} />;
  const amountText = moneyText(transfer.amount, transfer.token, language);

  if (transfer.state === 'returned')
    return (
      <Screen
        title={t('send.returnedTitle')}
        lead={rich('send.returnedText', { amount })}
        back={null}
        mark={<Tick state="stopped" tone="plain" />}
        footer={<ButtonLink to="/">{t('send.toHome')}</ButtonLink>}
      />
    );

  if (transfer.state !== 'final') {
    const isChecking = transfer.state === 'checking';
    return (
      <Screen
        title={isChecking ? t('send.unknownTitle') : rich('send.sendingTitle', { name, amount })}
        plainTitle={isChecking ? t('send.unknownTitle') : t('send.sendingTitle', { name, amount: amountText })}
        lead={isChecking ? t('send.checkingText') : t('send.sendingText')}
        back={null}
        mark={<Tick state="waiting" tone={isChecking ? 'caution' : 'brand'} />}
        footer={
          <ButtonLink to="/" look="plain">
            {t('send.toHome')}
          </ButtonLink>
        }
      >
        <p role="status" className="hidden-visually">
          {isChecking ? t('send.checkingText') : t('send.sendingText')}
        </p>
      </Screen>
    );
  }

  const time = timeText(transfer.finalAt ?? transfer.requestedAt, language);
  const share = async (): Promise<void> => {
    const text = t('send.shareText', { name, amount: amountText, time });
    if (typeof navigator.share === 'function') {
      // The person may close the share sheet: that is no problem.
      await navigator.share({ text }).catch(() => undefined);
    } else if (await copyText(text)) toast(t('send.shared'));
  };
  return (
    <Screen
      title={rich('send.doneTitle', { name, amount })}
      plainTitle={t('send.doneTitle', { name, amount: amountText })}
      lead={t('send.doneAt', { time })}
      back={null}
      mark={<Tick state="done" />}
      footer={
        <>
          <ButtonLink to="/">{t('send.toHome')}</ButtonLink>
          <div className="outcome-more">
            <ButtonLink to={`/history/${transfer.transferId}`} look="plain">
              {t('send.receipt')}
            </ButtonLink>
            <Button look="plain" icon={<Icon name="share" size={20} />} onClick={() => void share()}>
              {t('send.share')}
            </Button>
          </div>
        </>
      }
    >
      <p role="status" className="hidden-visually">
        {t('send.doneTitle', { name, amount: amountText })}
      </p>
    </Screen>
  );
}

function Unknown({ pending }: { pending: PendingTransfer }) {
  const t = useT();
  return (
    <Screen
      title={t('send.unknownTitle')}
      lead={t('send.unknownText')}
      back={null}
      mark={<Tick state="waiting" tone="caution" />}
      footer={
        <ButtonLink to="/" look="plain">
          {t('send.toHome')}
        </ButtonLink>
      }
    >
      <p role="status" className="muted center">
        {t('send.to', { name: pending.maskedName })}
      </p>
    </Screen>
  );
}

function NotArrived() {
  const t = useT();
  return (
    <Screen
      title={t('send.notArrivedTitle')}
      lead={t('send.notArrivedText')}
      back={null}
      mark={<Tick state="stopped" tone="plain" />}
      footer={
        <>
          <Button onClick={() => navigate('/send/amount', { isReplacing: true })}>{t('send.sendAgain')}</Button>
          <ButtonLink to="/" look="plain">
            {t('send.toHome')}
          </ButtonLink>
        </>
      }
    />
  );
}

function Nothing() {
  const t = useT();
  return (
    <Screen
      title={t('send.nothingToResume')}
      back={null}
      mark={<Tick state="stopped" tone="plain" />}
      footer={<ButtonLink to="/">{t('send.toHome')}</ButtonLink>}
    />
  );
}
