import type { TransferView } from '@jigeum/api';
import { useState } from 'react';
import { useLanguage, useRich, useT } from '../../i18n/client.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { enterAmount, wonOf, type AmountKey } from '../../ui/amount-entry.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Keypad } from '../../ui/Keypad.tsx';
import { moneyText, WON } from '../../ui/money.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Avatar, NameBadge } from '../../ui/Person.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { Tick } from '../../ui/Tick.tsx';
import { AmountInput } from '../AmountInput.tsx';
import { useMe } from '../me.tsx';
import { writeReceiveLink } from '../send/receive-link.ts';
import { useArrival } from './use-arrival.ts';
import './Receive.css';

/** My QR, with or without an amount; what arrives is shown here, large, the moment it is there. */
export default function Receive() {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const me = useMe();
  const [won, setWon] = useState('');
  const [draft, setDraft] = useState<string | null>(null);
  const { arrival, dismiss } = useArrival();

  if (arrival?.state === 'final') return <Arrived transfer={arrival} onBack={dismiss} />;

  const link = writeReceiveLink(location.origin, { receiveCode: me.receiveCode, won: won === '' ? null : wonOf(won) });
  const share = async (): Promise<void> => {
    // The person may close the share sheet: that is no problem.
    await navigator.share({ title: t('receive.shareText', { name: me.maskedName }), url: link }).catch(() => undefined);
  };
  const press = (key: AmountKey): void => setDraft((before) => enterAmount(before ?? '', key));
  const hasAmount = won !== '';

  return (
    <Screen
      title={
        hasAmount
          ? rich('receive.asking', { amount: <AmountText amount={wonOf(won)} token={WON} language={language} /> })
          : t('receive.title')
      }
      plainTitle={
        hasAmount ? t('receive.asking', { amount: moneyText(wonOf(won), WON, language) }) : t('receive.title')
      }
      lead={t('receive.text')}
      footer={
        <Button look={hasAmount ? 'plain' : 'main'} onClick={() => setDraft(won)}>
          {t(hasAmount ? 'receive.changeAmount' : 'receive.addAmount')}
        </Button>
      }
    >
      <div className="receive-card">
        <div className="receive-who">
          <Avatar person={me} />
          <div>
            <strong>{me.maskedName}</strong>
            <NameBadge person={me} />
          </div>
        </div>
        <QrCode text={link} label={t('receive.qrLabel', { name: me.maskedName })} />
        <p className="muted">
          {t('receive.myId')} <strong>{me.memberId}</strong>
        </p>
      </div>
      <div className="receive-tools">
        <CopyButton
          value={link}
          label={t('receive.copyLink')}
          text={t('receive.copyLink')}
          copiedText={t('app.copied')}
        />
        {typeof navigator.share === 'function' && (
          <button type="button" className="pill-button" onClick={() => void share()}>
            <Icon name="share" size={16} />
            {t('receive.share')}
          </button>
        )}
        {hasAmount && (
          <button type="button" className="pill-button" onClick={() => setWon('')}>
            {t('receive.removeAmount')}
          </button>
        )}
      </div>
      <div role="status">
        {arrival === null ? (
          <p className="receive-waiting">
            <i aria-hidden="true" />
            {t('receive.waiting')}
          </p>
        ) : (
          <Notice
            tone="brand"
            icon="receive"
            title={t('receive.arriving', { name: arrival.counterparty?.maskedName ?? '' })}
          />
        )}
      </div>
      <Sheet isOpen={draft !== null} onClose={() => setDraft(null)} label={t('receive.amountTitle')}>
        <h2 className="sheet-title">{t('receive.amountTitle')}</h2>
        <AmountInput won={draft ?? ''} hint={t('charge.reading')} />
        <Keypad
          label={t('keypad.label')}
          deleteLabel={t('keypad.delete')}
          hasDoubleZero
          onDigit={(digits) => press({ kind: 'digit', digits })}
          onDelete={() => press({ kind: 'delete' })}
        />
        <Button
          disabled={(draft ?? '') === ''}
          onClick={() => {
            setWon(draft ?? '');
            setDraft(null);
          }}
        >
          {t('receive.amountDone')}
        </Button>
      </Sheet>
    </Screen>
  );
}

function Arrived({ transfer, onBack }: { transfer: TransferView; onBack: () => void }) {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const amount = moneyText(transfer.amount, transfer.token, language);
  const name = transfer.counterparty?.maskedName ?? '';
  return (
    <Screen
      title={rich('receive.arrivedTitle', {
        amount: <AmountText amount={transfer.amount} token={transfer.token} language={language} />,
      })}
      plainTitle={t('receive.arrivedTitle', { amount })}
      lead={t('receive.arrivedFrom', { name })}
      mark={<Tick state="done" />}
      footer={<Button onClick={onBack}>{t('receive.toQr')}</Button>}
    >
      <p className="hidden-visually" role="alert">
        {`${t('receive.arrivedTitle', { amount })} ${t('receive.arrivedFrom', { name })}`}
      </p>
      {transfer.memo !== '' && <Notice icon="receive" title={transfer.memo} />}
    </Screen>
  );
}
