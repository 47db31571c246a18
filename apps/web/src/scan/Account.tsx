import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Button } from '../ui/Button.tsx';
import type { Params } from '../ui/router.tsx';
import { Address, Fact, Facts, Page, PageProblem, PageSkeleton, TransactionList, Value } from './parts.tsx';
import { accountQuery } from './queries.ts';
import { UnitText } from './UnitText.tsx';

const SYM_DECIMALS = 18;

/** One SymID: what it holds and what it did. */
export default function Account({ params }: { params: Params }) {
  const t = useT();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    accountQuery(params['symId']!),
  );
  const account = data?.pages[0];
  if (account === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page title={t('account.title')} icon="person" subtitle={<Value value={account.symId} />}>
      <div className="scan-columns">
        <section className="scan-card">
          <h2>{t('account.balances')}</h2>
          <ul className="scan-list">
            {account.tokens.map((token) => (
              <li key={token.contract} className="scan-row">
                <div className="scan-row-main">
                  <span className="scan-row-title">
                    <UnitText amount={token.balance} decimals={token.decimals} symbol={token.symbol} />
                  </span>
                  <span className="scan-row-sub">
                    <Address address={token.contract} hasCopy={false} />
                  </span>
                </div>
              </li>
            ))}
            <li className="scan-row">
              <div className="scan-row-main">
                <span className="scan-row-title">
                  <UnitText amount={account.balanceHug} decimals={SYM_DECIMALS} symbol="SYM" />
                </span>
                <span className="scan-row-sub">{t('account.native')}</span>
              </div>
            </li>
          </ul>
        </section>
        <Facts>
          <Fact name={t('account.nonce')}>
            <span className="figures">{account.nonce.toLocaleString('ko')}</span>
          </Fact>
          {account.citizen !== null && (
            <>
              <Fact name={t('account.ca')}>
                <Value value={account.citizen.caId} />
              </Fact>
              <Fact name={t('account.keyHash')}>
                <Value value={account.citizen.keyHash} />
              </Fact>
              <Fact name={t('account.phone')}>{t(account.citizen.isPhoneVerified ? 'account.yes' : 'account.no')}</Fact>
            </>
          )}
        </Facts>
      </div>
      <section className="scan-card">
        <h2>{t('account.history')}</h2>
        <TransactionList
          transactions={data?.pages.flatMap((page) => page.transactions) ?? []}
          emptyText={t('account.none')}
        />
        {hasNextPage && (
          <Button look="plain" busy={isFetchingNextPage && t('app.loading')} onClick={() => void fetchNextPage()}>
            {t('app.more')}
          </Button>
        )}
      </section>
    </Page>
  );
}
