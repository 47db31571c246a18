import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Icon } from '../ui/Icon.tsx';
import { Link, type Params } from '../ui/router.tsx';
import { HeaderFields } from './HeaderFields.tsx';
import { Card, Fact, Facts, More, NotFound, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { accountPath, blockPath } from './paths.ts';
import { blockQuery } from './queries.ts';
import { TransactionList } from './rows.tsx';
import { countText, Moment, shareText, Value } from './values.tsx';

/** One block: what it is, its transactions, and every field of its header. */
export default function Block({ params }: { params: Params }) {
  const text = params['number']!;
  if (!/^[0-9]{1,15}$/.test(text)) return <NotFound />;
  return <BlockPage number={Number.parseInt(text, 10)} />;
}

function BlockPage({ number }: { number: number }) {
  const t = useT();
  const query = useInfiniteQuery(blockQuery(number));
  const block = query.data?.pages[0];
  if (block === undefined)
    return query.error === null ? (
      <PageSkeleton />
    ) : (
      <PageProblem error={query.error} onRetry={() => void query.refetch()} />
    );
  const transactions = query.data?.pages.flatMap((page) => page.transactions) ?? [];
  const gasUsed = BigInt(block.header['gasUsed']!);
  const gasLimit = BigInt(block.header['gasLimit']!);
  return (
    <Page
      title={t('block.title', { number: countText(number) })}
      icon="block"
      subtitle={<Moment at={block.at} />}
      actions={<Neighbours number={number} isNewest={block.isNewest} />}
    >
      <Facts>
        <Fact name={t('block.count')}>
          <span className="figures">{countText(block.transactionCount)}</span>
        </Fact>
        <Fact name={t('block.gas')}>
          <span className="figures">{gasUsed.toLocaleString('en')}</span>{' '}
          <span className="muted">
            {t('block.gasOf', { limit: gasLimit.toLocaleString('en'), share: shareText(gasUsed, gasLimit) })}
          </span>
          <progress className="scan-gas" max={100} value={Number((gasUsed * 100n) / gasLimit)} aria-hidden="true" />
        </Fact>
        <Fact name={t('block.size')}>
          <span className="figures">{t('block.bytes', { count: countText(block.size) })}</span>
        </Fact>
        <Fact name={t('block.sealer')}>
          <Value value={block.header['primary']!} to={accountPath(block.header['primary']!)} />
        </Fact>
        <Fact name={t('block.hash')}>
          <Value value={block.hash} />
        </Fact>
        <Fact name={t('block.parent')}>
          {number === 0 ? (
            <Value value={block.header['parentHash']!} />
          ) : (
            <Value value={block.header['parentHash']!} to={blockPath(number - 1)} />
          )}
        </Fact>
        <Fact name={t('block.seal')}>{block.seal === null ? t('block.noSeal') : <Value value={block.seal} />}</Fact>
      </Facts>
      <Card title={`${t('block.count')} ${countText(block.transactionCount)}`}>
        <TransactionList transactions={transactions} emptyText={t('block.empty')} />
        <More query={query} of={{ shown: transactions.length, total: block.transactionCount }} />
      </Card>
      <HeaderFields header={block.header} raw={block.rawHeader} />
    </Page>
  );
}

function Neighbours({ number, isNewest }: { number: number; isNewest: boolean }) {
  const t = useT();
  return (
    <nav className="scan-neighbours" aria-label={t('block.title', { number: countText(number) })}>
      {number > 0 && (
        <Link to={blockPath(number - 1)} className="pill-button">
          <Icon name="back" size={16} />
          {t('block.previous')}
        </Link>
      )}
      {isNewest ? (
        <span className="scan-newest">{t('block.newest')}</span>
      ) : (
        <Link to={blockPath(number + 1)} className="pill-button">
          {t('block.next')}
          <Icon name="chevron" size={16} />
        </Link>
      )}
    </nav>
  );
}
