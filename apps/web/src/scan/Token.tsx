import type { ScanTokenView } from '@jigeum/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import type { Params } from '../ui/router.tsx';
import { ItemRow } from './ItemRow.tsx';
import { Card, Fact, Facts, Figure, Figures, More, PageProblem, PageSkeleton, useTitle, type Paged } from './parts.tsx';
import { holdersQuery, itemsQuery, tokenQuery } from './queries.ts';
import { TransactionList } from './rows.tsx';
import { StateWord, TokenMark, TokenState, TokenTitle } from './TokenMark.tsx';
import { Address, ChainText, countText, hasItems, shareText, UnitText, Value } from './values.tsx';

/** One token: its facts, who holds it, and what moved. */
export default function Token({ params }: { params: Params }) {
  const query = useInfiniteQuery(tokenQuery(params['contract']!));
  const token = query.data?.pages[0];
  if (token === undefined)
    return query.error === null ? (
      <PageSkeleton />
    ) : (
      <PageProblem error={query.error} onRetry={() => void query.refetch()} />
    );
  return <TokenPage token={token} query={query} />;
}

function TokenPage({
  token,
  query,
}: {
  token: ScanTokenView;
  query: Paged & { data: { pages: ScanTokenView[] } | undefined };
}) {
  const t = useT();
  useTitle(`${token.symbol} ${token.name}`.trim() || token.contract);
  const isCountable = hasItems(token.type);
  return (
    <>
      <div className="scan-title">
        <TokenMark symbol={token.symbol} contract={token.contract} />
        <div className="scan-title-text">
          <h1 tabIndex={-1}>
            <TokenTitle token={token} first="name" />
          </h1>
          <div className="scan-subtitle">
            <Value value={token.contract} />
          </div>
        </div>
        <TokenState state={token.state} />
      </div>
      <Figures>
        <Figure name={t(isCountable ? 'token.items' : 'token.supply')}>
          {isCountable ? (
            <span className="figures">{token.supply.toLocaleString('en')}</span>
          ) : (
            <UnitText amount={token.supply} decimals={token.decimals} symbol={token.symbol} />
          )}
        </Figure>
        <Figure name={t('token.holders')}>
          <span className="figures">{countText(token.holderCount)}</span>
        </Figure>
        <Figure name={t('token.calls')}>
          <span className="figures">{countText(token.callCount)}</span>
        </Figure>
      </Figures>
      <Facts>
        <Fact name={t('token.contract')}>
          <Value value={token.contract} />
        </Fact>
        <Fact name={t('token.creator')}>
          <Address address={token.creator} />
        </Fact>
        <Fact name={t('token.owner')}>
          <Address address={token.owner} />
        </Fact>
        <Fact name={t('token.name')}>
          <ChainText isWhole>{token.name}</ChainText>
        </Fact>
        <Fact name={t('token.symbol')}>
          <ChainText isWhole>{token.symbol}</ChainText>
        </Fact>
        <Fact name={t('token.type')}>{token.type.toUpperCase()}</Fact>
        <Fact name={t('token.state')}>
          <StateWord state={token.state} />{' '}
          <span className="muted">
            <ChainText>{token.state}</ChainText> {token.stateCode}
          </span>
        </Fact>
        {!isCountable && (
          <Fact name={t('token.decimals')}>
            <span className="figures">{token.decimals}</span>
          </Fact>
        )}
      </Facts>
      <div className="scan-columns">
        <Card title={t('token.transfers')}>
          <TransactionList
            transactions={query.data?.pages.flatMap((page) => page.transfers) ?? []}
            emptyText={t('account.none')}
          />
          <More query={query} />
        </Card>
        {isCountable ? <Items token={token} /> : <Holders token={token} />}
      </div>
    </>
  );
}

function Items({ token }: { token: ScanTokenView }) {
  const t = useT();
  const query = useInfiniteQuery(itemsQuery(token.contract));
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <Card title={t('item.title')}>
      {items?.length === 0 && <p className="muted scan-none">{t('item.none')}</p>}
      <ul className="scan-list">
        {items?.map((item) => (
          <li key={item.index}>
            <ItemRow item={item} hasOwner />
          </li>
        ))}
      </ul>
      <More query={query} />
    </Card>
  );
}

function Holders({ token }: { token: ScanTokenView }) {
  const t = useT();
  const query = useInfiniteQuery(holdersQuery(token.contract));
  const holders = query.data?.pages.flatMap((page) => page.items);
  return (
    <Card title={`${t('token.holders')} ${countText(token.holderCount)}`}>
      {holders?.length === 0 && <p className="muted scan-none">{t('token.noHolders')}</p>}
      <ol className="scan-list">
        {holders?.map((holder) => (
          <li key={holder.symId} className="scan-row scan-row-amount">
            <div className="scan-row-main">
              <span className="scan-row-title">
                <Address address={holder.symId} hasCopy={false} />
              </span>
              <progress
                className="scan-share"
                max={10_000}
                value={token.supply === 0n ? 0 : ((holder.balance * 10_000n) / token.supply).toString()}
                aria-hidden="true"
              />
            </div>
            <div className="scan-row-end">
              <UnitText amount={holder.balance} decimals={token.decimals} symbol={token.symbol} />
              <span className="muted figures">{shareText(holder.balance, token.supply)}</span>
            </div>
          </li>
        ))}
      </ol>
      <More query={query} of={{ shown: holders?.length ?? 0, total: token.holderCount }} />
    </Card>
  );
}
