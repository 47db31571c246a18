/** What the scanner's pages are made of. */
import { useEffect, type ReactNode } from 'react';
import { useT } from '../i18n/scan.ts';
import { refusalOf } from '../state/api.ts';
import { Button } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Skeleton, WaitText } from '../ui/Notice.tsx';
import { Link } from '../ui/router.tsx';
import { countText } from './values.tsx';

/** A page with its title in the window, too. */
export function Page({
  title,
  icon,
  subtitle,
  actions,
  children,
}: {
  title: string;
  icon: IconName;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <>
      <div className="scan-title">
        <span className="scan-title-icon">
          <Icon name={icon} />
        </span>
        <div className="scan-title-text">
          <h1 tabIndex={-1}>{title}</h1>
          {subtitle !== undefined && <div className="scan-subtitle">{subtitle}</div>}
        </div>
        {actions}
      </div>
      {children}
    </>
  );
}

export function useTitle(title: string): void {
  const t = useT();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
}

/** The shape of a page that is being loaded. */
export function PageSkeleton() {
  const t = useT();
  return (
    <div className="scan-skeleton" aria-busy="true">
      <div className="scan-title">
        <Skeleton width="3rem" height="3rem" isRound />
        <Skeleton width="14rem" height="2rem" />
      </div>
      <div className="scan-card">
        {Array.from({ length: 6 }, (_, index) => (
          <Skeleton key={index} width={`${90 - index * 9}%`} height="1.5rem" />
        ))}
      </div>
      <WaitText>{t('app.loading')}</WaitText>
    </div>
  );
}

export function NotFound() {
  const t = useT();
  useTitle(t('app.notFound'));
  return (
    <div className="scan-card scan-empty">
      <span className="scan-title-icon">
        <Icon name="search" />
      </span>
      <h1 tabIndex={-1}>{t('app.notFound')}</h1>
      <p className="muted">{t('app.notFoundText')}</p>
      <Link to="/scan" className="pill-button">
        {t('app.home')}
      </Link>
    </div>
  );
}

/** Why a page has nothing to show: not found, or not loaded. */
export function PageProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT();
  const code = refusalOf(error);
  if (code === 'not-found' || code === 'request-invalid') return <NotFound />;
  const isBusy = code === 'rate-limited' || code === 'service-busy';
  return (
    <div className="scan-card scan-empty" role="alert">
      <span className="scan-title-icon" data-tone="caution">
        <Icon name={isBusy ? 'clock' : 'alert'} />
      </span>
      <h1 tabIndex={-1}>{t(isBusy ? 'app.busy' : 'app.failed')}</h1>
      <p className="muted">{t(isBusy ? 'app.busyText' : 'app.failedText')}</p>
      <button type="button" className="pill-button" onClick={onRetry}>
        {t('app.retry')}
      </button>
    </div>
  );
}

/** A card with a heading. */
export function Card({ title, end, children }: { title: ReactNode; end?: ReactNode; children: ReactNode }) {
  return (
    <section className="scan-card">
      <div className="scan-card-head">
        <h2>{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}

/** Name and value, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="scan-facts scan-card">{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Large figures in a row. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className="scan-figures">{children}</dl>;
}

export function Figure({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="scan-card">
      <dt>{name}</dt>
      <dd>{children}</dd>
      {note !== undefined && <dd className="scan-figure-note">{note}</dd>}
    </div>
  );
}

/** A question whose answers come page by page. */
export interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Shows the next page below. `of` says how many are shown of how many there are. */
export function More({ query, of }: { query: Paged; of?: { shown: number; total: number } }) {
  const t = useT();
  if (!query.hasNextPage) return null;
  return (
    <div className="scan-more">
      <Button
        look="soft"
        busy={query.isFetchingNextPage && t('app.loading')}
        onClick={() => void query.fetchNextPage()}
      >
        {t('app.more')}
        {of !== undefined && ` (${countText(of.shown)} / ${countText(of.total)})`}
      </Button>
    </div>
  );
}
