import { useQuery } from '@tanstack/react-query';
import { useLanguage, useT } from '../i18n/scan.ts';
import { fullTimeText } from '../state/time.ts';
import { Link, type Params } from '../ui/router.tsx';
import { Fact, Facts, NotFound, Page, PageProblem, PageSkeleton, TransactionList, Value } from './parts.tsx';
import { blockQuery } from './queries.ts';

/** One block with its transactions. */
export default function Block({ params }: { params: Params }) {
  const text = params['number']!;
  if (!/^[0-9]{1,15}$/.test(text)) return <NotFound />;
  return <BlockPage number={Number.parseInt(text, 10)} />;
}

function BlockPage({ number }: { number: number }) {
  const t = useT();
  const language = useLanguage();
  const { data, error, refetch } = useQuery(blockQuery(number));
  if (data === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page title={t('block.title', { number: number.toLocaleString('ko') })} icon="block">
      <nav className="scan-neighbours">
        {number > 0 && (
          <Link to={`/scan/blocks/${number - 1}`} className="pill-button">
            {t('block.previous')}
          </Link>
        )}
        <Link to={`/scan/blocks/${number + 1}`} className="pill-button">
          {t('block.next')}
        </Link>
      </nav>
      <Facts>
        <Fact name={t('block.hash')}>
          <Value value={data.hash} />
        </Fact>
        <Fact name={t('block.at')}>
          <span className="figures">{fullTimeText(data.at, language)}</span>
        </Fact>
        <Fact name={t('block.count')}>
          <span className="figures">{data.transactionCount}</span>
        </Fact>
      </Facts>
      <section className="scan-card">
        <h2>{t('block.count')}</h2>
        <TransactionList transactions={data.transactions} emptyText={t('block.empty')} />
      </section>
    </Page>
  );
}
