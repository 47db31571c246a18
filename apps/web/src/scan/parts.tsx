/** What the scanner's pages are made of. */
import { systemClock } from '@jigeum/std';
import type { ScanTransactionView } from '@jigeum/api';
import { useEffect, useState, type ReactNode } from 'react';
import { useLanguage, useT } from '../i18n/scan.ts';
import { refusalOf } from '../state/api.ts';
import { fullTimeText } from '../state/time.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Link } from '../ui/router.tsx';
import { Skeleton, WaitText } from '../ui/Notice.tsx';
import { CallText } from './CallText.tsx';
import { addressPath } from './search.ts';

/** A page with its title in the window, too. */
export function Page({
  title,
  icon,
  subtitle,
  children,
}: {
  title: string;
  icon: IconName;
  subtitle?: ReactNode;
  children: ReactNode;
}) {
  const t = useT();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  return (
    <>
      <div className="scan-title">
        <span className="scan-title-icon">
          <Icon name={icon} />
        </span>
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          {subtitle !== undefined && <div className="scan-subtitle">{subtitle}</div>}
        </div>
      </div>
      {children}
    </>
  );
}

export function PageSkeleton() {
  const t = useT();
  return (
    <div className="scan-skeleton" aria-busy="true">
      <Skeleton width="40%" height="2rem" />
      <Skeleton height="16rem" />
      <WaitText>{t('app.loading')}</WaitText>
    </div>
  );
}

export function NotFound() {
  const t = useT();
  return (
    <div className="scan-card scan-empty">
      <h1 tabIndex={-1}>{t('app.notFound')}</h1>
      <p className="muted">{t('app.notFoundText')}</p>
      <Link to="/scan" className="scan-link">
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
  return (
    <div className="scan-card scan-empty" role="alert">
      <p>{t('app.failed')}</p>
      <button type="button" className="pill-button" onClick={onRetry}>
        {t('app.retry')}
      </button>
    </div>
  );
}

/** Name and value, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="scan-facts scan-card">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A value in full where there is room, its two ends where there is not; always whole for the clipboard. */
export function Value({
  value,
  to,
  isShort = false,
  hasCopy = true,
}: {
  value: string;
  to?: string;
  isShort?: boolean;
  hasCopy?: boolean;
}) {
  const t = useT();
  const text = isShort && value.length > 16 ? `${value.slice(0, 8)}…${value.slice(-6)}` : value;
  const shown = (
    <span className="scan-value" title={value}>
      {text}
    </span>
  );
  return (
    <span className="scan-value-row">
      {to === undefined ? shown : <Link to={to}>{shown}</Link>}
      {hasCopy && (
        <CopyButton value={value} label={`${t('app.copy')} ${value.slice(0, 10)}`} copiedText={t('app.copied')} />
      )}
    </span>
  );
}

/** A SymID or a contract, leading to its page. */
export function Address({
  address,
  isShort = false,
  hasCopy = true,
}: {
  address: string;
  isShort?: boolean;
  hasCopy?: boolean;
}) {
  return <Value value={address} to={addressPath(address)} isShort={isShort} hasCopy={hasCopy} />;
}

const icons = { final: 'check', pending: 'clock', reverted: 'alert' } as const;

export function StateBadge({ state }: { state: ScanTransactionView['state'] }) {
  const t = useT();
  return (
    <span className="scan-state" data-state={state}>
      <Icon name={icons[state]} size={16} />
      {t(`state.${state}`)}
    </span>
  );
}

const TICK_MS = 1_000;

/** How long ago, kept current. The exact time is the tooltip. */
export function Age({ at }: { at: string }) {
  const t = useT();
  const language = useLanguage();
  const [nowMs, setNowMs] = useState(() => systemClock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(systemClock.nowMs()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((nowMs - new Date(at).getTime()) / 1_000));
  const text =
    seconds < 2
      ? t('time.now')
      : seconds < 60
        ? t('time.seconds', { count: seconds })
        : seconds < 3_600
          ? t('time.minutes', { count: Math.floor(seconds / 60) })
          : seconds < 86_400
            ? t('time.hours', { count: Math.floor(seconds / 3_600) })
            : t('time.days', { count: Math.floor(seconds / 86_400) });
  return (
    <time dateTime={at} title={fullTimeText(at, language)} className="figures">
      {text}
    </time>
  );
}

/** Transactions in a list: what, between whom, when. */
export function TransactionList({
  transactions,
  emptyText,
}: {
  transactions: readonly ScanTransactionView[];
  emptyText: string;
}) {
  if (transactions.length === 0) return <p className="muted scan-none">{emptyText}</p>;
  return (
    <ul className="scan-list">
      {transactions.map((transaction) => (
        <li key={transaction.hash}>
          <TransactionRow transaction={transaction} />
        </li>
      ))}
    </ul>
  );
}

function TransactionRow({ transaction }: { transaction: ScanTransactionView }) {
  const to = transaction.call?.to ?? transaction.to ?? transaction.call?.contract;
  return (
    <div className="scan-row">
      <div className="scan-row-main">
        <Link to={`/scan/transactions/${transaction.hash}`} className="scan-row-title">
          <CallText transaction={transaction} />
        </Link>
        <span className="scan-row-sub">
          <Address address={transaction.call?.from ?? transaction.from} isShort hasCopy={false} />
          {to !== null && to !== undefined && (
            <>
              <span aria-hidden="true">→</span>
              <Address address={to} isShort hasCopy={false} />
            </>
          )}
        </span>
      </div>
      <div className="scan-row-end">
        <StateBadge state={transaction.state} />
        <span className="muted">{transaction.at === null ? '' : <Age at={transaction.at} />}</span>
      </div>
    </div>
  );
}
