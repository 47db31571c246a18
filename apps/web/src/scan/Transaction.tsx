import type { ScanWholeTransactionView } from '@jigeum/api';
import { formatAmount } from '@jigeum/money';
import { useQuery } from '@tanstack/react-query';
import { useLanguage, useT } from '../i18n/scan.ts';
import { Icon } from '../ui/Icon.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Link, type Params } from '../ui/router.tsx';
import { CallArgs } from './CallArgs.tsx';
import { CallText } from './CallText.tsx';
import { Fact, Facts, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { blockPath, tokenPath } from './paths.ts';
import { transactionQuery } from './queries.ts';
import { RawForm } from './RawForm.tsx';
import { Address, CoinText, countText, Moment, StateBadge, UnitText, Value } from './values.tsx';
import { Verify } from './Verify.tsx';

/** One transaction: what it did in words, between whom, what it cost, its original, and a way to check all of it. */
export default function Transaction({ params }: { params: Params }) {
  const t = useT();
  const { data, error, refetch } = useQuery(transactionQuery(params['hash']!));
  if (data === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page title={t('transaction.title')} icon="swap" subtitle={<Value value={data.hash} isShort />}>
      <Summary transaction={data} />
      <Details transaction={data} />
      {data.call !== null && Object.keys(data.call.args).length > 0 && <CallArgs call={data.call} />}
      <Verify key={data.hash} hash={params['hash']!.toLowerCase()} transaction={data} />
      {data.rawTransaction !== null && <RawForm raw={data.rawTransaction} />}
    </Page>
  );
}

/** What one unit of gas has cost, in GHug: the price was another in former times. */
const priceText = (feeHug: bigint, gasUsed: number): string => formatAmount(feeHug / BigInt(gasUsed), 9);

/** The one thing that a visitor came for. */
function Summary({ transaction }: { transaction: ScanWholeTransactionView }) {
  const t = useT();
  const language = useLanguage();
  const { call, error, state } = transaction;
  const from = call?.from ?? transaction.from;
  const to = call?.to ?? transaction.to;
  return (
    <section className="scan-card scan-summary">
      <StateBadge state={state} />
      <p className="scan-headline">
        <CallText transaction={transaction} />
      </p>
      <div className="scan-way">
        <span>
          <small>{t('transaction.from')}</small>
          <Address address={from} />
        </span>
        {to !== null && (
          <>
            <Icon name="chevron" size={20} />
            <span>
              <small>{t('transaction.to')}</small>
              <Address address={to} />
            </span>
          </>
        )}
      </div>
      {error !== null && (
        <Notice tone="danger" title={`${t('transaction.error')}: ${error[language]}`}>
          {t('transaction.errorText')} {t('transaction.errorCode', { code: error.code })}
        </Notice>
      )}
      {state === 'pending' && (
        <Notice tone="brand" icon="clock" title={t('transaction.waiting')}>
          {t('transaction.waitingText')}
        </Notice>
      )}
    </section>
  );
}

function Details({ transaction }: { transaction: ScanWholeTransactionView }) {
  const t = useT();
  const { call } = transaction;
  return (
    <Facts>
      <Fact name={t('transaction.hash')}>
        <Value value={transaction.hash} />
      </Fact>
      {transaction.blockNumber !== null && (
        <Fact name={t('transaction.block')}>
          <Link to={blockPath(transaction.blockNumber)} className="figures scan-anchor">
            {countText(transaction.blockNumber)}
          </Link>
          {transaction.position !== null && (
            <span className="muted">
              {' '}
              · {t('transaction.position', { position: countText(transaction.position + 1) })}
            </span>
          )}
        </Fact>
      )}
      {transaction.at !== null && (
        <Fact name={t('transaction.at')}>
          <Moment at={transaction.at} />
        </Fact>
      )}
      <Fact name={t('transaction.kind')}>
        {t(`kind.${transaction.kind}`)}
        {call !== null && <span className="muted"> · {`${call.template.toUpperCase()} ${call.method}`}</span>}
      </Fact>
      <Fact name={t('transaction.signer')}>
        <Address address={transaction.from} />
      </Fact>
      {call !== null && call.contract !== null && (
        <Fact name={t('transaction.contract')}>
          <Value value={call.contract} to={tokenPath(call.contract)} />
        </Fact>
      )}
      {call !== null && call.amount !== null && (
        <Fact name={t('transaction.amount')}>
          <UnitText amount={call.amount} decimals={call.tokenDecimals ?? 0} symbol={call.tokenSymbol ?? ''} />
        </Fact>
      )}
      {transaction.valueHug > 0n && (
        <Fact name={t('transaction.value')}>
          <CoinText hug={transaction.valueHug} />
        </Fact>
      )}
      {transaction.feeHug !== null && (
        <Fact name={t('transaction.fee')}>
          <CoinText hug={transaction.feeHug} />{' '}
          {transaction.gasUsed !== null && transaction.gasUsed > 0 && (
            <span className="muted figures">
              {t('transaction.feeText', {
                gas: countText(transaction.gasUsed),
                price: priceText(transaction.feeHug, transaction.gasUsed),
              })}
            </span>
          )}
        </Fact>
      )}
      <Fact name={t('transaction.nonce')}>
        <span className="figures">{countText(transaction.nonce)}</span>{' '}
        <span className="muted">{t('transaction.nonceText', { count: countText(transaction.nonce + 1) })}</span>
      </Fact>
    </Facts>
  );
}
