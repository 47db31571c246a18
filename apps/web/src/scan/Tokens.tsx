import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Card, More, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { tokensQuery } from './queries.ts';
import { TokenRow } from './rows.tsx';

/** All tokens, page by page. */
export default function Tokens() {
  const t = useT();
  const query = useInfiniteQuery(tokensQuery);
  if (query.data === undefined)
    return query.error === null ? (
      <PageSkeleton />
    ) : (
      <PageProblem error={query.error} onRetry={() => void query.refetch()} />
    );
  const tokens = query.data.pages.flatMap((page) => page.items);
  return (
    <Page title={t('lists.tokens')} icon="wallet" subtitle={t('lists.tokensText')}>
      <Card title={t('lists.tokens')}>
        {tokens.length === 0 && <p className="muted scan-none">{t('lists.none')}</p>}
        <ul className="scan-list">
          {tokens.map((token) => (
            <li key={token.contract}>
              <TokenRow token={token} />
            </li>
          ))}
        </ul>
        <More query={query} />
      </Card>
    </Page>
  );
}
