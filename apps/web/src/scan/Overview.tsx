import { useT } from '../i18n/scan.ts';
import { Icon } from '../ui/Icon.tsx';
import { Link } from '../ui/router.tsx';
import { useLiveOverview, type LiveState } from './live.ts';
import { LiveList } from './LiveList.tsx';
import { Card, Figure, Figures, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { BlockRow, TransactionRow } from './rows.tsx';
import { Age, countText, GroupedText } from './values.tsx';

/** The newest blocks and transactions, live. */
export default function Overview() {
  const t = useT();
  const { data, error, refetch, state } = useLiveOverview();
  if (data === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  const { pace, totals } = data;
  return (
    <Page title={t('overview.title')} icon="block" subtitle={<Live state={state} chainId={data.chainId} />}>
      <Figures>
        <Figure name={t('overview.head')} note={<Age at={data.head.at} />}>
          <span className="figures">
            <GroupedText text={countText(data.head.number)} />
          </span>
        </Figure>
        <Figure name={t('overview.perSecond')} note={t('overview.perSecondText')}>
          <span className="figures">{pace.transactionsPerSecond.toLocaleString('en')}</span>
        </Figure>
        <Figure
          name={t('overview.total')}
          note={
            <Link to="/scan/tokens" className="scan-anchor">
              {t('overview.tokens')} {countText(totals.tokens)}
            </Link>
          }
        >
          <span className="figures">
            <GroupedText text={countText(totals.transactions)} />
          </span>
        </Figure>
        <Figure name={t('overview.blockSeconds')} note={t('overview.perSecondText')}>
          <span className="figures">
            {pace.blockSeconds === null ? '–' : t('overview.seconds', { count: pace.blockSeconds })}
          </span>
        </Figure>
      </Figures>
      <div className="scan-columns scan-news">
        <Card title={t('overview.blocks')} end={<All to="/scan/blocks" />}>
          <LiveList items={data.blocks} keyOf={(block) => block.hash}>
            {(block) => <BlockRow block={block} />}
          </LiveList>
        </Card>
        <Card title={t('overview.transactions')} end={<All to="/scan/transactions" />}>
          {data.transactions.length === 0 ? (
            <div className="scan-none-yet">
              <span className="scan-title-icon">
                <Icon name="swap" />
              </span>
              <p>{t('overview.none')}</p>
              <p className="muted">{t('overview.noneText')}</p>
            </div>
          ) : (
            <LiveList items={data.transactions} keyOf={(transaction) => transaction.hash}>
              {(transaction) => <TransactionRow transaction={transaction} />}
            </LiveList>
          )}
        </Card>
      </div>
    </Page>
  );
}

function Live({ state, chainId }: { state: LiveState; chainId: number }) {
  const t = useT();
  return (
    <span className="scan-live-state" data-state={state}>
      <i aria-hidden="true" />
      <span>{t(`live.${state}`)}</span>
      <span className="muted">· {t('overview.chain', { id: chainId })}</span>
    </span>
  );
}

function All({ to }: { to: string }) {
  const t = useT();
  return (
    <Link to={to} className="scan-all">
      {t('app.all')}
    </Link>
  );
}
