import { useMutation, useInfiniteQuery } from '@tanstack/react-query';
import { randomIds, systemClock } from '@jigeum/std';
import { useRef, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api, queryClient, refusalOf } from '../../state/api.ts';
import { chargesQuery } from '../../state/queries.ts';
import { enterAmount, wonOf, type AmountKey } from '../../ui/amount-entry.ts';
import { Button } from '../../ui/Button.tsx';
import { Keypad } from '../../ui/Keypad.tsx';
import { navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { AmountInput } from '../AmountInput.tsx';
import { EntryRow } from '../EntryRow.tsx';
import { mergeTimeline } from '../history/timeline.ts';
import { Problem } from '../Problem.tsx';

const CHIPS_MAN = [1n, 5n, 10n] as const;
const MAN = 10_000n;
const OPEN_SHOWN = 3;

/** How much to put in; then the server gives an account number. */
export default function ChargeAmount() {
  const t = useT();
  const [won, setWon] = useState('');
  // One key for one amount: a lost answer is asked for again, a changed amount is another request.
  const key = useRef<{ won: string; id: string } | null>(null);
  const charges = useInfiniteQuery(chargesQuery);
  const open = (charges.data?.pages.flatMap((page) => page.items) ?? []).filter(
    ({ state }) => state === 'waiting' || state === 'paid',
  );
  const value = wonOf(won);
  const press = (pressed: AmountKey): void => setWon((before) => enterAmount(before, pressed));

  const request = useMutation({
    mutationFn: () => {
      if (key.current?.won !== won) key.current = { won, id: randomIds.uuid(systemClock.nowMs()) };
      return api.call('requestCharge', { body: { amountWon: value, token: 'EST' }, idempotencyKey: key.current.id });
    },
    onSuccess: (charge) => {
      queryClient.setQueryData(['charge', charge.chargeId], charge);
      void queryClient.invalidateQueries({ queryKey: chargesQuery.queryKey });
      navigate(`/charge/${charge.chargeId}`, { isReplacing: true });
    },
    onError: (error) => {
      if (refusalOf(error) !== null) key.current = null;
    },
  });

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
