import type { ScanMatch } from '@jigeum/api';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useT } from '../i18n/scan.ts';
import { Icon } from '../ui/Icon.tsx';
import { Link, navigate, usePlace } from '../ui/router.tsx';
import { Card, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { accountPath, blockPath, tokenPath, transactionPath } from './paths.ts';
import { searchQuery } from './queries.ts';
import { TokenRow } from './rows.tsx';
import { countText } from './values.tsx';

/** What a searched text may mean. One meaning opens at once. */
export default function SearchResults() {
  const text = usePlace().search.get('q')?.slice(0, 80) ?? '';
  return <Results key={text} text={text} />;
}

function Results({ text }: { text: string }) {
  const t = useT();
  const { data, error, refetch } = useQuery({ ...searchQuery(text), enabled: text.trim() !== '' });
  const matches = text.trim() === '' ? [] : data?.matches;
  const only = matches?.length === 1 ? matches[0] : undefined;
  useEffect(() => {
    if (only !== undefined) navigate(pathOf(only), { isReplacing: true });
  }, [only]);
  if (matches === undefined && error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (matches === undefined || only !== undefined) return <PageSkeleton />;
  if (matches.length === 0) return <Nothing text={text} />;
  return (
    <Page title={t('search.title', { text })} icon="search">
      <Card title={t('search.several', { count: matches.length })}>
        <ul className="scan-list">
          {matches.map((match) => (
            <li key={pathOf(match)}>
              <MatchRow match={match} />
            </li>
          ))}
        </ul>
      </Card>
    </Page>
  );
}

function MatchRow({ match }: { match: ScanMatch }) {
  const t = useT();
  if (match.kind === 'token') return <TokenRow token={match.token} />;
  const title =
    match.kind === 'block' ? t('search.block', { number: countText(match.number) }) : t(`search.${match.kind}`);
  return (
    <div className="scan-row">
      <div className="scan-row-main">
        <Link to={pathOf(match)} className="scan-row-title">
          {title}
        </Link>
        <span className="scan-row-sub scan-value">{match.kind === 'account' ? match.symId : match.hash}</span>
      </div>
    </div>
  );
}

function Nothing({ text }: { text: string }) {
  const t = useT();
  const title = t('search.none', { text });
  return (
    <Page title={title} icon="search" subtitle={t('search.noneText')}>
      <ul className="scan-card scan-hints">
        {(['hintBlock', 'hintHash', 'hintAddress', 'hintToken'] as const).map((hint) => (
          <li key={hint}>
            <Icon name="check" size={16} />
            {t(`search.${hint}`)}
          </li>
        ))}
      </ul>
    </Page>
  );
}

function pathOf(match: ScanMatch): string {
  switch (match.kind) {
    case 'block':
      return blockPath(match.number);
    case 'transaction':
      return transactionPath(match.hash);
    case 'account':
      return accountPath(match.symId);
    case 'token':
      return tokenPath(match.token.contract);
  }
}
