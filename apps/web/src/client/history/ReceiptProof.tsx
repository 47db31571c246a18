import type { ReceiptVerificationView, TransferView } from '@jigeum/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { verificationQuery } from '../../state/queries.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice, Skeleton, WaitText } from '../../ui/Notice.tsx';
import { Problem } from '../Problem.tsx';

/** The one place of the client that shows the chain's own values; they are asked for when it is opened, not before. */
export function ReceiptProof({ transfer }: { transfer: TransferView }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="receipt-proof" data-testid="receipt-proof">
      <button type="button" className="receipt-proof-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span>{t('receipt.verification')}</span>
        <Icon name="down" size={20} />
      </button>
      {isOpen && (
        <div className="receipt-proof-body">
          <p className="muted">{t('receipt.verificationHint')}</p>
          {transfer.state === 'final' ? (
            <Proof transferId={transfer.transferId} />
          ) : (
            <Notice icon="clock" title={t('receipt.verificationWaiting')} />
          )}
        </div>
      )}
    </section>
  );
}

function Proof({ transferId }: { transferId: string }) {
  const t = useT();
  const { data, error } = useQuery(verificationQuery(transferId));
  if (error !== null && data === undefined) return <Problem error={error} />;
  if (data === undefined)
    return (
      <>
        <Skeleton height="6rem" />
        <WaitText>{t('receipt.verificationLoading')}</WaitText>
      </>
    );
  return (
    <>
      <dl className="proof-list">
        {proofLines(data).map(([key, value]) => (
          <div key={key}>
            <dt>{t(`receipt.proof.${key}`)}</dt>
            <dd>{value}</dd>
            <CopyButton
              value={value}
              label={`${t(`receipt.proof.${key}`)} ${t('app.copy')}`}
              copiedText={t('app.copied')}
            />
          </div>
        ))}
      </dl>
      <a className="button button-plain" href={data.scannerPath} target="_blank" rel="noreferrer">
        {t('receipt.scanner')}
      </a>
    </>
  );
}

const proofLines = (proof: ReceiptVerificationView) =>
  [
    ['transactionHash', proof.transactionHash],
    ['blockNumber', proof.blockNumber.toString()],
    ['blockHash', proof.blockHash],
    ['from', proof.from],
    ['to', proof.to],
    ['contract', proof.contract],
    ['fee', `${proof.feeHug} hug`],
    ['raw', proof.rawTransaction],
  ] as const;
