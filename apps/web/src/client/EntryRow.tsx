import { useLanguage, useT, type T } from '../i18n/client.ts';
import { timeText, dateTimeText } from '../state/time.ts';
import { AmountText } from '../ui/AmountText.tsx';
import { Avatar, Emblem } from '../ui/Person.tsx';
import { Link } from '../ui/router.tsx';
import type { Entry } from './history/timeline.ts';

interface EntryRowProps {
  entry: Entry;
  isCurrent?: boolean;
  isHidden?: boolean;
  hasDate?: boolean;
}

/** One payment or charge in a list. */
export function EntryRow({ entry, isCurrent = false, isHidden = false, hasDate = false }: EntryRowProps) {
  const t = useT();
  const language = useLanguage();
  const time = (hasDate ? dateTimeText : timeText)(entry.at, language);
  const { amount, token } = entry.kind === 'payment' ? entry.transfer : entry.charge;
  const direction = entry.kind === 'payment' ? entry.transfer.direction : 'in';
  const state = stateOf(entry, t);
  return (
    <Link to={entryPath(entry)} className="person-row" aria-current={isCurrent || undefined}>
      {entry.kind === 'payment' && entry.transfer.counterparty !== null ? (
        <Avatar person={entry.transfer.counterparty} />
      ) : (
        <Emblem icon="plus" tone="brand" />
      )}
      <span className="person-row-main">
        <span className="person-row-name">
          {entry.kind === 'payment' ? entry.transfer.counterparty?.maskedName : t('history.charge')}
        </span>
        <span className="person-row-sub">
          {time}
          {entry.kind === 'payment' && entry.transfer.memo !== '' && ` · ${entry.transfer.memo}`}
        </span>
      </span>
      <span className="person-row-end" data-in={direction === 'in' && state === null} data-quiet={isVoid(entry)}>
        {isHidden ? (
          <span aria-label={t('money.hidden')}>•••</span>
        ) : (
          <AmountText amount={amount} token={token} language={language} direction={direction} />
        )}
        {state !== null && (
          <span className="person-row-state" data-busy={!isVoid(entry)}>
            {state}
          </span>
        )}
      </span>
    </Link>
  );
}

/** Where an entry is shown whole. */
export const entryPath = (entry: Entry): string =>
  entry.kind === 'payment' ? `/history/${entry.id}` : `/charge/${entry.id}`;

/** True where no money moved in the end. */
const isVoid = (entry: Entry): boolean =>
  entry.kind === 'payment'
    ? entry.transfer.state === 'returned'
    : entry.charge.state === 'cancelled' || entry.charge.state === 'expired';

/** A word for every state but the ordinary end. */
function stateOf(entry: Entry, t: T): string | null {
  if (entry.kind === 'charge') return entry.charge.state === 'done' ? null : t(`charge.state.${entry.charge.state}`);
  const { state, direction } = entry.transfer;
  if (state === 'final') return null;
  return state === 'sending' && direction === 'in' ? t('history.state.arriving') : t(`history.state.${state}`);
}
