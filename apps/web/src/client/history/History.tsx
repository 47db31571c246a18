import { useEffect, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import type { Params } from '../../ui/router.tsx';
import { EntryRow } from '../EntryRow.tsx';
import { RowSkeletons } from '../home/RecentList.tsx';
import { Receipt } from './Receipt.tsx';
import { groupByMonth } from './timeline.ts';
import { useTimeline, type HistoryFilter } from './use-timeline.ts';
import './History.css';

const FILTERS: readonly HistoryFilter[] = ['all', 'out', 'in', 'charges'];

/** All that happened; on a wide window the receipt stands beside the list. */
export default function History({ params }: { params: Params }) {
  const transferId = params['transferId'];
  return (
    <div className="history" data-chosen={transferId !== undefined}>
      <HistoryList chosenId={transferId} />
      <HistoryChoice transferId={transferId} />
    </div>
  );
}

function HistoryChoice({ transferId }: { transferId: string | undefined }) {
  const t = useT();
  return (
    <div className="history-choice">
      {transferId === undefined ? (
        <p className="muted center history-hint">{t('history.choose')}</p>
      ) : (
        <Receipt transferId={transferId} />
      )}
    </div>
  );
}

function HistoryList({ chosenId }: { chosenId: string | undefined }) {
  const t = useT();
  const [filter, setFilter] = useState<HistoryFilter>('all');
  const timeline = useTimeline(filter);
  const months = groupByMonth(timeline.entries);
  useEffect(() => {
    if (chosenId === undefined) document.title = `${t('history.title')} · ${t('app.name')}`;
  }, [chosenId, t]);

  return (
    <section className="history-list">
      <h1 tabIndex={-1}>{t('history.title')}</h1>
      <div className="history-filter" role="radiogroup" aria-label={t('history.filter')}>
        {FILTERS.map((choice) => (
          <button
            key={choice}
            type="button"
            role="radio"
            aria-checked={filter === choice}
            className="pill-button"
            onClick={() => setFilter(choice)}
          >
            {t(`history.${choice}`)}
          </button>
        ))}
      </div>
      {timeline.isFailed ? (
        <Notice
          icon="alert"
          title={t('app.loadFailed')}
          action={
            <button type="button" className="pill-button" onClick={timeline.retry}>
              {t('app.retry')}
            </button>
          }
        >
          {t('app.loadFailedHint')}
        </Notice>
      ) : timeline.isPending ? (
        <RowSkeletons count={6} />
      ) : months.length === 0 ? (
        <div className="recent-empty">
          <p className="notice-title">{t('history.empty')}</p>
          <p className="muted">{t('history.emptyText')}</p>
        </div>
      ) : (
        months.map(({ month, entries }) => (
          <section key={month} className="history-month">
            <h2 className="muted">
              {t('history.month', { year: month.slice(0, 4), month: Number.parseInt(month.slice(5), 10) })}
            </h2>
            <ul>
              {entries.map((entry) => (
                <li key={entry.id}>
                  <EntryRow entry={entry} isCurrent={entry.id === chosenId} hasDate />
                </li>
              ))}
            </ul>
          </section>
        ))
      )}
      {timeline.hasMore && (
        <Button look="plain" busy={timeline.isLoadingMore && t('app.loading')} onClick={timeline.loadMore}>
          {t('app.more')}
        </Button>
      )}
    </section>
  );
}
