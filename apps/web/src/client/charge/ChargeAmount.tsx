import { useMutation, useInfiniteQuery } from '@tanstack/react-query';
import { randomIds, systemClock } from '@jigeum/std';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api, isCertain, queryClient, refusalOf } from '../../state/api.ts';
import { chargesQuery } from '../../state/queries.ts';
import { enterAmount, wonOf, type AmountKey } from '../../ui/amount-entry.ts';
import { Button } from '../../ui/Button.tsx';
import { Keypad } from '../../ui/Keypad.tsx';
import { navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { AmountInput } from '../AmountInput.tsx';
import { EntryRow } from '../EntryRow.tsx';
import { mergeTimeline } from '../history/timeline.ts';
import { useMe } from '../me.tsx';
import { Problem } from '../Problem.tsx';
import { askFor, pendingCharge } from './pending-charge.ts';

const CHIPS_MAN = [1n, 5n, 10n] as const;
const MAN = 10_000n;
const OPEN_SHOWN = 3;

/** How much to put in; then the server gives an account number. */
export default function ChargeAmount() {
  const t = useT();
  const { memberId } = useMe();
  const [unanswered] = useState(() => (pendingCharge.get()?.memberId === memberId ? pendingCharge.get() : null));
  const [won, setWon] = useState(unanswered?.won ?? '');
  const charges = useInfiniteQuery(chargesQuery);
  const open = (charges.data?.pages.flatMap((page) => page.items) ?? []).filter(
    ({ state }) => state === 'waiting' || state === 'paid',
  );
  const value = wonOf(won);
  const press = (pressed: AmountKey): void => setWon((before) => enterAmount(before, pressed));

  const request = useMutation({
    mutationFn: () => {
      const asked = askFor(pendingCharge.get(), { memberId, won }, () => randomIds.uuid(systemClock.nowMs()));
      pendingCharge.set(asked);
      return api.call('requestCharge', { body: { amountWon: value, token: 'EST' }, idempotencyKey: asked.requestId });
    },
    onSuccess: (charge) => {
      pendingCharge.set(null);
      queryClient.setQueryData(['charge', charge.chargeId], charge);
      void queryClient.invalidateQueries({ queryKey: chargesQuery.queryKey });
      navigate(`/charge/${charge.chargeId}`, { isReplacing: true });
    },
    onError: (error) => {
      if (isCertain(error) || refusalOf(error) === 'idempotency-key-reused') pendingCharge.set(null);
    },
  });
  // The page was left before the answer came: it is asked for again.
  const askAgain = useEffectEvent(() => request.mutate());
  const hasAsked = useRef(false);
  useEffect(() => {
    if (unanswered === null || hasAsked.current) return;
    hasAsked.current = true;
    askAgain();
  }, [unanswered]);

  return (
    <Screen
      title={t('charge.title')}
      companion={
        open.length > 0 ? (
          <div className="card">
            <h2>{t('home.waitingCharge')}</h2>
            {mergeTimeline({ items: [], hasMore: false }, { items: open.slice(0, OPEN_SHOWN), hasMore: false }).map(
              (entry) => (
                <EntryRow key={entry.id} entry={entry} hasDate />
              ),
            )}
          </div>
        ) : undefined
      }
      footer={
        <Button
          disabled={value === 0n}
          busy={request.isPending && t('charge.submitting')}
          onClick={() => request.mutate()}
        >
          {t('charge.submit')}
        </Button>
      }
    >
      <AmountInput won={won} hint={t('charge.reading')} />
      <div className="chips">
        {CHIPS_MAN.map((man) => (
          <button
            key={man.toString()}
            type="button"
            className="pill-button figures"
            data-brand="true"
            onClick={() => press({ kind: 'add', won: man * MAN })}
          >
            {t('charge.plus', { man: man.toString() })}
          </button>
        ))}
        {won !== '' && (
          <button type="button" className="pill-button" onClick={() => press({ kind: 'clear' })}>
            {t('charge.clear')}
          </button>
        )}
      </div>
      <Problem error={request.error} />
      <div className="amount-stage">
        <Keypad
          label={t('keypad.label')}
          deleteLabel={t('keypad.delete')}
          hasDoubleZero
          isDisabled={request.isPending}
          onDigit={(digits) => press({ kind: 'digit', digits })}
          onDelete={() => press({ kind: 'delete' })}
        />
      </div>
    </Screen>
  );
}
