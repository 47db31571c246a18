import { TextInput } from '@mantine/core';
import { useEffect, useReducer, useState } from 'react';
import { useLanguage, useRich, useT } from '../../i18n/client.ts';
import { useStore } from '../../state/store.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { enterAmount, wonOf, type AmountKey } from '../../ui/amount-entry.ts';
import { Button } from '../../ui/Button.tsx';
import { Keypad } from '../../ui/Keypad.tsx';
import { amountToText, tokenToWonDown, WON, wonToToken } from '../../ui/money.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { AmountInput } from '../AmountInput.tsx';
import { FormTheme } from '../form-theme.tsx';
import { useMe } from '../me.tsx';
import { useBalance } from '../use-wallet.ts';
import { ConfirmSheet } from './ConfirmSheet.tsx';
import { newTransferId } from './pay.ts';
import { pendingTransfer } from './pending.ts';
import { prepare } from './pending-transfer.ts';
import { SendSummary } from './SendSummary.tsx';
import { changeDraft, sendDraft } from './send-draft.ts';
import { useResume } from './use-resume.ts';
import './Send.css';

const MEMO_MAX = 60;

/** How much, with what can be sent always in view. */
export default function EnterAmount() {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const me = useMe();
  const draft = useStore(sendDraft);
  const pending = useStore(pendingTransfer);
  const { balance } = useBalance();
  const [isConfirming, setConfirming] = useState(false);
  const [hasMemo, showMemo] = useReducer(() => true, draft.memo !== '');
  const { payee } = draft;
  useResume(isConfirming);
  useEffect(() => {
    if (payee === null && pendingTransfer.get()?.phase !== 'asked') navigate('/send', { isReplacing: true });
  }, [payee]);
  if (payee === null) return null;

  const won = wonOf(draft.won);
  const token = balance?.token ?? WON;
  const amount = wonToToken(won, token);
  const excess =
    balance !== undefined && amount !== null && amount > balance.available ? amount - balance.available : 0n;
  const canReview =
    balance !== undefined &&
    amount !== null &&
    amount > 0n &&
    excess === 0n &&
    me.wallet.state === 'ready' &&
    !balance.token.isPaused;
  const press = (key: AmountKey): void => changeDraft({ won: enterAmount(sendDraft.get().won, key) });

  const review = (): void => {
    if (!canReview) return;
    const order = {
      payer: me.memberId,
      payeeId: payee.payeeId,
      maskedName: payee.maskedName,
      token: balance.token.symbol,
      amount: amountToText(amount),
      memo: draft.memo.trim(),
    };
    const prepared = prepare(pendingTransfer.get(), order, newTransferId);
    if (prepared === null) return;
    pendingTransfer.set(prepared);
    setConfirming(true);
  };

  return (
    <FormTheme>
      <Screen
        title={t('send.amountTitle')}
        back="/send/payee"
        companion={<SendSummary draft={draft} />}
        lead={
          <span className="row">
            <Avatar person={payee} size={28} />
            {t('send.to', { name: payee.maskedName })}
          </span>
        }
        footer={
          <Button disabled={!canReview} onClick={review}>
            {won === 0n
              ? t('send.review')
              : rich('send.confirm', { amount: <AmountText amount={won} token={WON} language={language} /> })}
          </Button>
        }
      >
        <AmountInput
          won={draft.won}
          hint={t('send.amountReading')}
          problem={
            excess > 0n
              ? rich('send.tooMuch', { amount: <AmountText amount={excess} token={token} language={language} /> })
              : null
          }
        />
        {balance !== undefined && (
          <div className="row send-available">
            <span className="muted">
              {rich('send.availableNow', {
                amount: <AmountText amount={balance.available} token={balance.token} language={language} />,
              })}
            </span>
            <button
              type="button"
              className="pill-button"
              onClick={() => press({ kind: 'set', won: tokenToWonDown(balance.available, balance.token) })}
            >
              {t('send.all')}
            </button>
          </div>
        )}
        {me.wallet.state === 'preparing' && <Notice tone="brand" icon="clock" title={t('send.preparing')} />}
        {balance?.token.isPaused === true && <Notice tone="caution" title={t('send.paused')} />}
        {hasMemo ? (
          <TextInput
            id="send-memo"
            label={t('send.memo')}
            placeholder={t('send.memoPlaceholder')}
            maxLength={MEMO_MAX}
            autoComplete="off"
            value={draft.memo}
            onChange={(event) => changeDraft({ memo: event.currentTarget.value })}
          />
        ) : (
          <div>
            <button type="button" className="pill-button" onClick={showMemo}>
              {t('send.memoAdd')}
            </button>
          </div>
        )}
        <div className="amount-stage">
          <Keypad
            label={t('keypad.label')}
            deleteLabel={t('keypad.delete')}
            hasDoubleZero
            isDisabled={isConfirming}
            onDigit={(digits) => press({ kind: 'digit', digits })}
            onDelete={() => press({ kind: 'delete' })}
          />
        </div>
      </Screen>
      <ConfirmSheet
        isOpen={isConfirming && pending !== null}
        pending={pending}
        token={token}
        onClose={() => setConfirming(false)}
      />
    </FormTheme>
  );
}
