import type { ScanAccountView } from '@jigeum/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useT } from '../i18n/scan.ts';
import { Link, type Params } from '../ui/router.tsx';
import { ItemRow } from './ItemRow.tsx';
import { Card, Fact, Facts, More, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { tokenPath } from './paths.ts';
import { accountQuery, holdingsQuery, ownItemsQuery } from './queries.ts';
import { TransactionList } from './rows.tsx';
import { TokenMark } from './TokenMark.tsx';
import { ChainText, CoinText, countText, UnitText, Value } from './values.tsx';

/** One SymID: who vouches for it, what it holds and what it did. */
export default function Account({ params }: { params: Params }) {
  const t = useT();
  const query = useInfiniteQuery(accountQuery(params['symId']!));
  const account = query.data?.pages[0];
  if (account === undefined)
    return query.error === null ? (
      <PageSkeleton />
    ) : (
      <PageProblem error={query.error} onRetry={() => void query.refetch()} />
    );
  return (
    <Page
      title={t('account.title')}
      icon="person"
      subtitle={<Value value={account.symId} />}
      actions={<Citizenship citizen={account.citizen} />}
    >
      <div className="scan-columns">
        <Holdings account={account} />
        <Citizen account={account} />
      </div>
      {account.items.length > 0 && <OwnItems account={account} />}
      <Card title={t('account.history')}>
        <TransactionList
          transactions={query.data?.pages.flatMap((page) => page.transactions) ?? []}
          emptyText={t('account.none')}
        />
        <More query={query} />
      </Card>
    </Page>
  );
}

function Citizenship({ citizen }: { citizen: ScanAccountView['citizen'] }) {
  const t = useT();
  if (citizen === null) return null;
  const isActive = citizen.status === 1;
  return (
    <span className="scan-badges">
      <span className="scan-badge" data-tone={isActive ? 'final' : 'pending'}>
        {isActive ? t('account.active') : t('account.inactive', { code: citizen.status })}
      </span>
      <span className="scan-badge" data-tone={citizen.isPhoneVerified ? 'final' : 'quiet'}>
        {t(citizen.isPhoneVerified ? 'account.phone' : 'account.noPhone')}
      </span>
    </span>
  );
}

function OwnItems({ account }: { account: ScanAccountView }) {
  const t = useT();
  const query = useInfiniteQuery(ownItemsQuery(account));
  return (
    <Card title={t('item.title')}>
      <ul className="scan-list">
        {[...account.items, ...laterItems(query.data)].map((item) => (
          <li key={`${item.contract} ${item.index}`}>
            <ItemRow item={item} hasOwner={false} />
          </li>
        ))}
      </ul>
      <More query={query} />
    </Card>
  );
}

/** What follows the first page, which is the account's own. */
const laterItems = <T,>(data: { pages: readonly { items: readonly T[] }[] }): T[] =>
  data.pages.slice(1).flatMap(({ items }) => items);

function Holdings({ account }: { account: ScanAccountView }) {
  const t = useT();
  const query = useInfiniteQuery(holdingsQuery(account));
  return (
    <Card title={t('account.balances')}>
      <ul className="scan-list">
        {[...account.tokens, ...laterItems(query.data)].map((token) => (
          <li key={token.contract} className="scan-row">
            <TokenMark symbol={token.symbol} contract={token.contract} />
            <div className="scan-row-main">
              <span className="scan-row-title">
                <UnitText amount={token.balance} decimals={token.decimals} symbol={token.symbol} />
              </span>
              <span className="scan-row-sub">
                <Link to={tokenPath(token.contract)} className="scan-anchor">
                  <ChainText>{token.name.trim() === '' ? token.contract : token.name}</ChainText>
                </Link>
              </span>
            </div>
          </li>
        ))}
        <li className="scan-row">
          <TokenMark symbol="SYM" contract="0x00" />
          <div className="scan-row-main">
            <span className="scan-row-title">
              <CoinText hug={account.balanceHug} />
            </span>
            <span className="scan-row-sub">{t('account.native')}</span>
          </div>
        </li>
        {account.depositHug > 0n && (
          <li className="scan-row">
            <TokenMark symbol="SYM" contract="0x00" />
            <div className="scan-row-main">
              <span className="scan-row-title">
                <CoinText hug={account.depositHug} />
              </span>
              <span className="scan-row-sub">{t('account.deposit')}</span>
            </div>
          </li>
        )}
      </ul>
      <More query={query} />
    </Card>
  );
}

function Citizen({ account }: { account: ScanAccountView }) {
  const t = useT();
  const { citizen, symId } = account;
  return (
    <Facts>
      <Fact name={t('account.nonce')}>
        <span className="figures">{t('account.nonceOf', { count: countText(account.nonce) })}</span>
      </Fact>
      {citizen === null ? (
        <Fact name={t('account.citizen')}>{t('account.noCitizen')}</Fact>
      ) : (
        <>
          <Fact name={t('account.ca')}>
            <Value value={citizen.caId} />
          </Fact>
          <Fact name={<Explained name={t('account.keyHash')} text={t('account.keyHashText')} />}>
            <Value value={citizen.keyHash} />
          </Fact>
        </>
      )}
      <Fact name={t('account.parts')}>
        <span className="scan-symid">
          <Part value={symId.slice(2, 6)} name={t('account.partCa')} />
          <Part value={symId.slice(6, 18)} name={t('account.partCitizen')} />
          <Part value={symId.slice(18)} name={t('account.partSeq')} />
        </span>
      </Fact>
    </Facts>
  );
}

const Part = ({ value, name }: { value: string; name: ReactNode }) => (
  <span>
    <span className="scan-value">{value}</span>
    <small>{name}</small>
  </span>
);

const Explained = ({ name, text }: { name: string; text: string }) => (
  <>
    {name}
    <small>{text}</small>
  </>
);
