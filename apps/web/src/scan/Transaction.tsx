import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLanguage, useT } from '../i18n/scan.ts';
import { fullTimeText } from '../state/time.ts';
import { Notice } from '../ui/Notice.tsx';
import { Link, type Params } from '../ui/router.tsx';
import { CallText } from './CallText.tsx';
import { Address, Fact, Facts, Page, PageProblem, PageSkeleton, StateBadge, Value } from './parts.tsx';
import { transactionQuery } from './queries.ts';
import { UnitText } from './UnitText.tsx';

const SYM_DECIMALS = 18;

/** One transaction: what it did in words, between whom, what it cost, and its original. */
export default function Transaction({ params }: { params: Params }) {
  const t = useT();
  const language = useLanguage();
  const [isRawOpen, setRawOpen] = useState(false);
  const { data, error, refetch } = useQuery(transactionQuery(params['hash']!));
  if (data === undefined)
    return error === null ? <PageSkeleton /> : <PageProblem error={error} onRetry={() => void refetch()} />;
  const { call } = data;
  return (
    <Page title={t('transaction.title')} icon="swap" subtitle={<StateBadge state={data.state} />}>
      <p className="scan-headline">
        <CallText transaction={data} />
      </p>
      {data.error !== null && (
        <Notice tone="danger" title={`${t('transaction.error')}: ${data.error[language]}`}>
          {t('transaction.errorCode', { code: data.error.code })}
        </Notice>
      )}
      {data.state === 'pending' && <Notice tone="brand" icon="clock" title={t('transaction.waiting')} />}
      <Facts>
        <Fact name={t('transaction.hash')}>
          <Value value={data.hash} />
        </Fact>
        {data.blockNumber !== null && (
          <Fact name={t('transaction.block')}>
            <Link to={`/scan/blocks/${data.blockNumber}`} className="figures scan-anchor">
              {data.blockNumber.toLocaleString('ko')}
            </Link>
          </Fact>
        )}
        {data.at !== null && (
          <Fact name={t('transaction.at')}>
            <span className="figures">{fullTimeText(data.at, language)}</span>
          </Fact>
        )}
        <Fact name={t('transaction.kind')}>
          {t(`kind.${data.kind}`)}
          {call !== null && <span className="muted"> {`${call.template.toUpperCase()} · ${call.method}`}</span>}
        </Fact>
        <Fact name={t('transaction.signer')}>
          <Address address={data.from} />
        </Fact>
        {call?.from !== null && call?.from !== undefined && call.from !== data.from && (
          <Fact name={t('transaction.from')}>
            <Address address={call.from} />
          </Fact>
        )}
        {(call?.to ?? data.to) !== null && (
          <Fact name={t('transaction.to')}>
            <Address address={(call?.to ?? data.to)!} />
          </Fact>
        )}
        {call?.contract !== null && call?.contract !== undefined && (
          <Fact name={t('transaction.contract')}>
            <Address address={call.contract} />
          </Fact>
        )}
        {call?.amount !== null && call?.amount !== undefined && (
          <Fact name={t('transaction.amount')}>
            <UnitText amount={call.amount} decimals={call.tokenDecimals ?? 0} symbol={call.tokenSymbol ?? ''} />
          </Fact>
        )}
        <Fact name={t('transaction.value')}>
          <UnitText amount={data.valueHug} decimals={SYM_DECIMALS} symbol="SYM" />
        </Fact>
        {data.feeHug !== null && (
          <Fact name={t('transaction.fee')}>
            <UnitText amount={data.feeHug} decimals={SYM_DECIMALS} symbol="SYM" />
            {data.gasUsed !== null && (
              <span className="muted figures">
                {' '}
                {`${t('transaction.gasUsed')} ${data.gasUsed.toLocaleString('ko')}`}
              </span>
            )}
          </Fact>
        )}
        <Fact name={t('transaction.nonce')}>
          <span className="figures">{data.nonce}</span>
        </Fact>
        {data.rawTransaction !== null && (
          <Fact name={t('transaction.raw')}>
            <button
              type="button"
              className="pill-button"
              aria-expanded={isRawOpen}
              onClick={() => setRawOpen(!isRawOpen)}
            >
              {t(isRawOpen ? 'transaction.hideRaw' : 'transaction.showRaw')}
            </button>
            {isRawOpen && <Value value={data.rawTransaction} />}
          </Fact>
        )}
      </Facts>
    </Page>
  );
}
