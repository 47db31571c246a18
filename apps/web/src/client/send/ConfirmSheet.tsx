import { useEffect, useState } from 'react';
import { useLanguage, useRich, useT } from '../../i18n/client.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { Button } from '../../ui/Button.tsx';
import { moneyText, type MoneyToken } from '../../ui/money.ts';
import { PinPad, usePinEntry } from '../../ui/PinPad.tsx';
import { navigate } from '../../ui/router.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { Problem } from '../Problem.tsx';
import { pay } from './pay.ts';
import type { PendingTransfer } from './pending-transfer.ts';

/** After this long without an answer the outcome's own screen takes over: it says that we are checking. */
const PATIENCE_MS = 4_000;

interface ConfirmSheetProps {
  isOpen: boolean;
  pending: PendingTransfer | null;
  token: MoneyToken;
  onClose: () => void;
}

/** One sentence, the PIN, one button. However often it is pressed, it pays once. */
export function ConfirmSheet({ isOpen, pending, token, onClose }: ConfirmSheetProps) {
  const t = useT();
  const rich = useRich();
  const language = useLanguage();
  const pin = usePinEntry();
  const [isPaying, setPaying] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { clear } = pin;
  useEffect(() => clear, [isOpen, clear]);

  const confirm = async (): Promise<void> => {
    if (pending === null || isPaying || !pin.isComplete) return;
    setPaying(true);
    setError(null);
    const { transferId } = pending;
    const showOutcome = (): void => navigate(`/send/${transferId}`, { isReplacing: true });
    const patience = setTimeout(showOutcome, PATIENCE_MS);
    const answer = await pay(pending, pin.take());
    clearTimeout(patience);
    if (answer.kind !== 'refused') {
      if (location.pathname !== `/send/${transferId}`) showOutcome();
      return;
    }
    setPaying(false);
    setError(answer.error);
  };

  if (pending === null) return <Sheet isOpen={false} onClose={onClose} label="" children={null} />;
  const amount = BigInt(pending.amount);
  const sentence = { name: pending.maskedName, amount: moneyText(amount, token, language) };
  return (
    <Sheet
      isOpen={isOpen}
      onClose={onClose}
      isFixed={isPaying}
      label={t('send.confirmTitle', sentence).replace('\n', ' ')}
    >
      <div className="stack-8">
        <h2 className="sheet-title">
          {rich('send.confirmTitle', {
            name: pending.maskedName,
            amount: <AmountText amount={amount} token={token} language={language} />,
          })}
        </h2>
        <p className="muted">{t('send.confirmNow')}</p>
      </div>
      <Problem error={error} />
      <p className="center confirm-pin">{t('send.confirmPin')}</p>
      <PinPad pin={pin} isWrong={error !== null && pin.count === 0} isDisabled={isPaying} />
      <Button disabled={!pin.isComplete} busy={isPaying && t('send.confirming')} onClick={() => void confirm()}>
        {rich('send.confirm', { amount: <AmountText amount={amount} token={token} language={language} /> })}
      </Button>
    </Sheet>
  );
}
