import type { ChargeView } from '@jigeum/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLanguage, useRich, useT, type T } from '../../i18n/client.ts';
import { api, queryClient, refusalOf } from '../../state/api.ts';
import { chargeQuery, chargesQuery } from '../../state/queries.ts';
import { dateTimeText, timeText } from '../../state/time.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { Button, ButtonLink } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { moneyText, WON } from '../../ui/money.ts';
import { Notice } from '../../ui/Notice.tsx';
import type { Params } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { Tick } from '../../ui/Tick.tsx';
import { Problem } from '../Problem.tsx';
import { LoadFailed, ScreenSkeleton } from '../Waiting.tsx';
import './Charge.css';

/** One charge: where to pay in, and the change to done while one looks. */
export default function ChargeDetail({ params }: { params: Params }) {
  const { data, error, refetch } = useQuery(chargeQuery(params['chargeId']!));
  if (data !== undefined) return data.state === 'waiting' ? <Waiting charge={data} /> : <Settled charge={data} />;
  if (error !== null) return <LoadFailed onRetry={() => void refetch()} />;
  return <ScreenSkeleton />;
}

function Waiting({ charge }: { charge: ChargeView }) {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.call('cancelCharge', { params: { chargeId: charge.chargeId } }),
    onSuccess: (cancelled) => {
      queryClient.setQueryData(['charge', charge.chargeId], cancelled);
      void queryClient.invalidateQueries({ queryKey: chargesQuery.queryKey });
    },
    onError: (error) => {
      if (refusalOf(error) === 'charge-not-cancellable')
        void queryClient.invalidateQueries({ queryKey: ['charge', charge.chargeId] });
    },
  });
  const { bank } = charge;
  const amountText = moneyText(charge.amountWon, WON, language);
  return (
    <Screen
      title={rich('charge.waitingTitle', {
        amount: <AmountText amount={charge.amountWon} token={WON} language={language} />,
      })}
      plainTitle={t('charge.waitingTitle', { amount: amountText })}
      lead={t('charge.live')}
      footer={
        <>
          <CopyNumber
            text={t('charge.copyNumber')}
            copied={t('app.copied')}
            value={`${bank.bankName} ${bank.accountNumber}`}
          />
          <Button look="plain" onClick={() => setAsking(true)}>
            {t('charge.cancel')}
          </Button>
        </>
      }
    >
      <div className="deposit">
        <div className="deposit-line">
          <span className="muted">{t('charge.accountNumber')}</span>
          <span className="deposit-value">
            <span className="deposit-bank">{bank.bankName}</span>
            <strong className="figures">{bank.accountNumber}</strong>
          </span>
          <CopyButton value={bank.accountNumber} label={t('charge.copyNumber')} copiedText={t('app.copied')} />
        </div>
        <div className="deposit-line" data-strong="true">
          <span className="muted">{t('charge.depositCode')}</span>
          <strong className="deposit-value deposit-code">{charge.depositCode}</strong>
          <CopyButton value={charge.depositCode} label={t('charge.copyCode')} copiedText={t('app.copied')} />
        </div>
        <div className="deposit-line">
          <span className="muted">{t('charge.holder')}</span>
          <span className="deposit-value">{bank.holderName}</span>
        </div>
      </div>
      <Notice tone="brand" icon="alert" title={t('charge.depositCodeHint')}>
        {t('charge.expires', { time: dateTimeText(charge.expiresAt, language) })}
      </Notice>
      {charge.isSimulation && <p className="muted center">{t('charge.simulation')}</p>}
      <Sheet
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        isFixed={cancel.isPending}
        label={t('charge.cancelTitle')}
      >
        <h2 className="sheet-title">{t('charge.cancelTitle')}</h2>
        <p className="muted">{t('charge.cancelText')}</p>
        <Problem error={cancel.error} />
        <Button onClick={() => setAsking(false)}>{t('charge.keep')}</Button>
        <Button look="danger" busy={cancel.isPending && t('charge.cancelling')} onClick={() => cancel.mutate()}>
          {t('charge.cancel')}
        </Button>
      </Sheet>
    </Screen>
  );
}

function CopyNumber({ text, copied, value }: { text: string; copied: string; value: string }) {
  return (
    <div className="deposit-copy">
      <CopyButton value={value} label={text} text={text} copiedText={copied} />
    </div>
  );
}

function Settled({ charge }: { charge: ChargeView }) {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const look = looks[charge.state === 'waiting' ? 'paid' : charge.state];
  const amount = <AmountText amount={charge.amountWon} token={WON} language={language} />;
  const isDone = charge.state === 'done';
  return (
    <Screen
      title={isDone ? rich('charge.doneTitle', { amount }) : t(look.title)}
      plainTitle={
        isDone ? t('charge.doneTitle', { amount: moneyText(charge.amountWon, WON, language) }) : t(look.title)
      }
      lead={t(look.lead)}
      mark={<Tick state={look.tick} tone={look.tone} />}
      footer={
        isDone ? (
          <>
            <ButtonLink to="/send">{t('charge.send')}</ButtonLink>
            <ButtonLink to="/" look="plain">
              {t('app.toHome')}
            </ButtonLink>
          </>
        ) : charge.state === 'paid' ? (
          <ButtonLink to="/" look="plain">
            {t('app.toHome')}
          </ButtonLink>
        ) : (
          <ButtonLink to="/charge">{t('charge.again')}</ButtonLink>
        )
      }
    >
      <p role="status" className="hidden-visually">
        {t(`charge.state.${charge.state}`)}
      </p>
      <ChargeFacts charge={charge} t={t} />
    </Screen>
  );
}

const looks = {
  paid: { title: 'charge.paidTitle', lead: 'charge.paidText', tick: 'waiting', tone: 'brand' },
  done: { title: 'charge.paidTitle', lead: 'charge.doneText', tick: 'done', tone: 'positive' },
  cancelled: { title: 'charge.cancelledTitle', lead: 'charge.cancelledText', tick: 'stopped', tone: 'plain' },
  expired: { title: 'charge.expiredTitle', lead: 'charge.expiredText', tick: 'stopped', tone: 'caution' },
} as const;

function ChargeFacts({ charge, t }: { charge: ChargeView; t: T }) {
  const language = useLanguage();
  return (
    <dl className="facts card">
      <div>
        <dt>{t('send.summaryAmount')}</dt>
        <dd>
          <AmountText amount={charge.amountWon} token={WON} language={language} />
        </dd>
      </div>
      <div>
        <dt>{t('receipt.state')}</dt>
        <dd>{t(`charge.state.${charge.state}`)}</dd>
      </div>
      <div>
        <dt>{t('charge.depositCode')}</dt>
        <dd>{charge.depositCode}</dd>
      </div>
      <div>
        <dt>{t('charge.requestedAt')}</dt>
        <dd>{dateTimeText(charge.requestedAt, language)}</dd>
      </div>
      {charge.doneAt !== null && (
        <div>
          <dt>{t('charge.doneAt')}</dt>
          <dd>{timeText(charge.doneAt, language)}</dd>
        </div>
      )}
    </dl>
  );
}
