import { useQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Link } from '../ui/router.tsx';
import { Age, Page, PageProblem, PageSkeleton, TransactionList } from './parts.tsx';
import { overviewQuery } from './queries.ts';

/** The newest blocks and transactions, live. */
export default function Overview() {
  const t = useT();
  const { data, error, refetch } = useQuery(overviewQuery);
  if (data === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  const recent = data.blocks.reduce((sum, block) => sum + block.transactionCount, 0);
  return (
    <Page title={t('overview.title')} icon="block" subtitle={t('overview.live')}>
      <dl className="scan-figures">
        <div className="scan-card">
          <dt>{t('overview.head')}</dt>
          <dd className="figures">{data.head.number.toLocaleString('ko')}</dd>
        </div>
        <div className="scan-card">
          <dt>{t('overview.age')}</dt>
          <dd>
            <Age at={data.head.at} />
          </dd>
        </div>
        <div className="scan-card">
          <dt>{t('overview.recent')}</dt>
          <dd className="figures">{recent.toLocaleString('ko')}</dd>
        </div>
        <div className="scan-card">
          <dt>{t('overview.chain')}</dt>
          <dd className="figures">{data.chainId}</dd>
        </div>
      </dl>
      <div className="scan-columns">
        <section className="scan-card">
          <h2>{t('overview.blocks')}</h2>
          <ul className="scan-list">
            {data.blocks.map((block) => (
              <li key={block.number} className="scan-row">
                <div className="scan-row-main">
                  <Link to={`/scan/blocks/${block.number}`} className="scan-row-title figures">
                    {block.number.toLocaleString('ko')}
                  </Link>
                  <span className="scan-row-sub">
                    <span className="scan-value">{`${block.hash.slice(0, 10)}…${block.hash.slice(-6)}`}</span>
                  </span>
                </div>
                <div className="scan-row-end">
                  <span className={block.transactionCount === 0 ? 'muted' : 'scan-count'}>
                    {t('block.countOf', { count: block.transactionCount })}
                  </span>
                  <span className="muted">
                    <Age at={block.at} />
                  </span>
                </div>
              </li>
            ))}
          </ul>
        </section>
        <section className="scan-card">
          <h2>{t('overview.transactions')}</h2>
          <TransactionList transactions={data.transactions} emptyText={t('overview.none')} />
        </section>
      </div>
    </Page>
  );
}
