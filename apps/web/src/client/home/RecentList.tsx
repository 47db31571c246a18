import { useT } from '../../i18n/client.ts';
import { ButtonLink } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice, Skeleton } from '../../ui/Notice.tsx';
import { Link } from '../../ui/router.tsx';
import { EntryRow } from '../EntryRow.tsx';
import type { Entry } from '../history/timeline.ts';

interface RecentListProps {
  entries: readonly Entry[];
  isPending: boolean;
  isFailed: boolean;
  isHidden: boolean;
  onRetry: () => void;
}

/** What happened last. */
export function RecentList({ entries, isPending, isFailed, isHidden, onRetry }: RecentListProps) {
  const t = useT();
  return (
    <section className="recent">
      <div className="section-title">
        <h2>{t('home.recent')}</h2>
        {entries.length > 0 && (
          <Link to="/history" className="text-link">
            {t('home.all')}
            <Icon name="chevron" size={16} />
          </Link>
        )}
      </div>
      {isFailed ? (
        <Notice
          title={t('app.loadFailed')}
          icon="alert"
          action={
            <button type="button" className="pill-button" onClick={onRetry}>
              {t('app.retry')}
            </button>
          }
        />
      ) : isPending ? (
        <RowSkeletons count={3} />
      ) : entries.length === 0 ? (
        <div className="recent-empty">
          <p className="notice-title">{t('home.empty')}</p>
          <p className="muted">{t('home.emptyText')}</p>
          <ButtonLink to="/charge" look="soft">
            {t('home.emptyAction')}
          </ButtonLink>
        </div>
      ) : (
        <ul>
          {entries.map((entry) => (
            <li key={entry.id}>
              <EntryRow entry={entry} isHidden={isHidden} hasDate />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function RowSkeletons({ count }: { count: number }) {
  return (
    <div aria-busy="true">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="person-row">
          <Skeleton width="2.750rem" height="2.750rem" isRound />
          <span className="person-row-main">
            <Skeleton width="6rem" height="1rem" />
            <Skeleton width="9rem" height="0.875rem" />
          </span>
          <Skeleton width="5rem" height="1rem" />
        </div>
      ))}
    </div>
  );
}
