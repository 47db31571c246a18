import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Card, More, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { transactionsQuery } from './queries.ts';
import { TransactionList } from './rows.tsx';

/** All transactions, page by page. */
export default function Transactions() {
  const t = useT();
  const query = useInfiniteQuery(transactionsQuery);
  if (query.data === undefined)
    return query.error === null ? (
      <PageSkeleton />
    ) : (
      <PageProblem error={query.error} onRetry={() => void query.refetch()} />
    );
  return (
    <Page title={t('lists.transactions')} icon="swap" subtitle={t('lists.transactionsText')}>
      <Card title={t('lists.transactions')}>
        <TransactionList transactions={query.data.pages.flatMap((page) => page.items)} emptyText={t('lists.none')} />
        <More query={query} />
      </Card>
    </Page>
  );
}
