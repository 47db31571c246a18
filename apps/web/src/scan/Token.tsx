import type { ScanTokenView } from '@jigeum/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Button } from '../ui/Button.tsx';
import type { Params } from '../ui/router.tsx';
import { Address, Fact, Facts, Page, PageProblem, PageSkeleton, TransactionList, Value } from './parts.tsx';
import { holdersQuery, tokenQuery } from './queries.ts';
import { UnitText } from './UnitText.tsx';

/** One token: its facts, who holds it, and what moved. */
export default function Token({ params }: { params: Params }) {
  const t = useT();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    tokenQuery(params['contract']!),
  );
  const token = data?.pages[0];
  if (token === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page title={t('token.title', { symbol: token.symbol })} icon="wallet" subtitle={<Value value={token.contract} />}>
      <Facts>
        <Fact name={t('token.name')}>{token.name}</Fact>
        <Fact name={t('token.symbol')}>{token.symbol}</Fact>
        <Fact name={t('token.supply')}>
          <UnitText amount={token.supply} decimals={token.decimals} symbol={token.symbol} />
        </Fact>
        <Fact name={t('token.state')}>
          {token.state} <span className="muted">{token.stateCode}</span>
        </Fact>
        <Fact name={t('token.type')}>{token.type}</Fact>
        <Fact name={t('token.decimals')}>
          <span className="figures">{token.decimals}</span>
        </Fact>
        <Fact name={t('token.creator')}>
          <Address address={token.creator} />
        </Fact>
        <Fact name={t('token.owner')}>
          <Address address={token.owner} />
        </Fact>
      </Facts>
      <div className="scan-columns">
        <Holders token={token} />
        <section className="scan-card">
          <h2>{t('token.transfers')}</h2>
          <TransactionList
            transactions={data?.pages.flatMap((page) => page.transfers) ?? []}
            emptyText={t('account.none')}
          />
          {hasNextPage && (
            <Button look="plain" busy={isFetchingNextPage && t('app.loading')} onClick={() => void fetchNextPage()}>
              {t('app.more')}
            </Button>
          )}
        </section>
      </div>
    </Page>
  );
}

function Holders({ token }: { token: ScanTokenView }) {
  const t = useT();
  const { data } = useInfiniteQuery(holdersQuery(token.contract));
  return (
    <section className="scan-card">
      <h2>{t('token.holders', { count: token.holderCount.toLocaleString('ko') })}</h2>
      <ol className="scan-list">
        {data?.pages
          .flatMap((page) => page.items)
          .map((holder) => (
            <li key={holder.symId} className="scan-row">
              <div className="scan-row-main">
                <span className="scan-row-title">
                  <Address address={holder.symId} hasCopy={false} />
                </span>
                <span className="scan-row-sub">
                  <UnitText amount={holder.balance} decimals={token.decimals} symbol={token.symbol} />
                </span>
              </div>
              <span className="muted figures">{shareText(holder.balance, token.supply)}</span>
            </li>
          ))}
      </ol>
    </section>
  );
}

/** A holder's share of the supply, two decimals, rest dropped. */
function shareText(balance: bigint, supply: bigint): string {
  if (supply === 0n) return '–';
  const hundredths = (balance * 10_000n) / supply;
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, '0')}%`;
}
