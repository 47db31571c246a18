import type { ReceiptFileView, TransferView } from '@jigeum/api';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { useLanguage, useT, type T } from '../../i18n/client.ts';
import { receiptQuery, transferQuery } from '../../state/queries.ts';
import { fullTimeText } from '../../state/time.ts';
import { AmountText } from '../../ui/AmountText.tsx';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon, Logo } from '../../ui/Icon.tsx';
import { Notice, Skeleton, WaitText } from '../../ui/Notice.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import type { Params } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { useMe } from '../me.tsx';
import { Problem } from '../Problem.tsx';
import { LoadFailed, ScreenSkeleton } from '../Waiting.tsx';
import { saveReceipt, transactionPathOf } from './receipt-file.ts';
import './PrintReceipt.css';

type Paper = 'a4' | 'till';

/** CSS pixels of a millimetre on paper. */
const PX_PER_MM = 96 / 25.4;
const TILL_MARGIN_MM = 4;

/** The page that a sheet is printed on. A roll is as long as the sheet, which is no taller on paper than on the screen. */
const pageRule = (paper: Paper, sheet: HTMLElement): string =>
  paper === 'a4'
    ? '@page { size: A4; margin: 20mm }'
    : `@page { size: 80mm ${Math.ceil(sheet.offsetHeight / PX_PER_MM) + 2 * TILL_MARGIN_MM}mm; margin: ${TILL_MARGIN_MM}mm }`;

/** Sets the size of the page while the sheet is on the screen: no selector can choose between rules for it. */
function usePage(paper: Paper): RefObject<HTMLElement | null> {
  const sheet = useRef<HTMLElement>(null);
  useEffect(() => {
    if (sheet.current === null) return;
    const style = new CSSStyleSheet();
    style.replaceSync(pageRule(paper, sheet.current));
    document.adoptedStyleSheets.push(style);
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== style);
    };
  }, [paper]);
  return sheet;
}

/** One payment as a sheet of paper, and the file that proves it to anybody. */
export default function PrintReceipt({ params }: { params: Params }) {
  const transferId = params['transferId']!;
  const { data: transfer, error, refetch } = useQuery(transferQuery(transferId));
  if (transfer !== undefined) return <Whole transfer={transfer} />;
  return error === null ? <ScreenSkeleton /> : <LoadFailed onRetry={() => void refetch()} />;
}

function Whole({ transfer }: { transfer: TransferView }) {
  const t = useT();
  const [paper, setPaper] = useState<Paper>('a4');
  const isFinal = transfer.state === 'final';
  const { data: receipt, error } = useQuery({ ...receiptQuery(transfer.transferId), enabled: isFinal });
  return (
    <Screen
      title={t('paper.title')}
      lead={t('paper.lead')}
      back={`/history/${transfer.transferId}`}
      footer={
        isFinal && (
          <div className="paper-actions">
            <Button
              look="soft"
              icon={<Icon name="receive" size={20} />}
              disabled={receipt === undefined}
              onClick={() => saveReceipt(transfer.transferId, receipt!.file)}
            >
              {t('paper.save')}
            </Button>
            <Button disabled={receipt === undefined} onClick={() => window.print()}>
              {t('paper.print')}
            </Button>
          </div>
        )
      }
    >
      {!isFinal ? (
        <Notice icon="clock" title={t('receipt.verificationWaiting')} />
      ) : receipt === undefined ? (
        error === null ? (
          <>
            <Skeleton height="22rem" />
            <WaitText>{t('paper.loading')}</WaitText>
          </>
        ) : (
          <Problem error={error} />
        )
      ) : (
        <>
          <PaperChoice paper={paper} onChoose={setPaper} t={t} />
          <Sheet transfer={transfer} receipt={receipt} paper={paper} />
          <Beside transfer={transfer} receipt={receipt} t={t} />
        </>
      )}
    </Screen>
  );
}

function PaperChoice({ paper, onChoose, t }: { paper: Paper; onChoose: (paper: Paper) => void; t: T }) {
  return (
    <div className="paper-choice" role="radiogroup" aria-label={t('paper.size')}>
      {(['a4', 'till'] as const).map((size) => (
        <button
          key={size}
          type="button"
          role="radio"
          aria-checked={paper === size}
          className="pill-button"
          onClick={() => onChoose(size)}
        >
          {t(`paper.${size}`)}
        </button>
      ))}
    </div>
  );
}

/** What comes out of the printer: paper is white, whatever the colours of the screen. */
function Sheet({ transfer, receipt, paper }: { transfer: TransferView; receipt: ReceiptFileView; paper: Paper }) {
  const t = useT();
  const language = useLanguage();
  const me = useMe();
  const sheet = usePage(paper);
  const other = transfer.counterparty?.maskedName ?? t('paper.platform');
  const [payer, payee] = transfer.direction === 'out' ? [me.maskedName, other] : [other, me.maskedName];
  const rows: [name: string, value: string][] = [
    [t('paper.payer'), payer],
    [t('paper.payee'), payee],
    [t('paper.time'), fullTimeText(transfer.finalAt ?? transfer.requestedAt, language)],
    [t('receipt.state'), t('history.state.final')],
    ...(transfer.memo === '' ? [] : [[t('receipt.memo'), transfer.memo] as [string, string]]),
  ];
  return (
    <article ref={sheet} className="paper" data-paper={paper} data-testid="paper" aria-label={t('paper.sheet')}>
      <header className="paper-head">
        <Logo size={28} />
        <strong>{t('app.name')}</strong>
        <span>{t('paper.sheet')}</span>
      </header>
      <p className="paper-amount">
        <AmountText amount={transfer.amount} token={transfer.token} language={language} />
      </p>
      <dl className="paper-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t('receipt.fee')}</dt>
          <dd>
            <AmountText amount={transfer.fee} token={transfer.token} language={language} />
          </dd>
        </div>
        <div className="paper-number">
          <dt>{t('receipt.number')}</dt>
          <dd>{transfer.transferId}</dd>
        </div>
      </dl>
      <footer className="paper-foot">
        <QrCode text={`${location.origin}${transactionPathOf(receipt.file)}`} label={t('paper.qr')} />
        <p>{t('paper.proof', { place: `${location.host}/verify` })}</p>
        {me.isSimulation && <p className="paper-simulation">{t('paper.simulation')}</p>}
      </footer>
    </article>
  );
}

/** What is not for the paper: how somebody else checks the file and the memo. */
function Beside({ transfer, receipt, t }: { transfer: TransferView; receipt: ReceiptFileView; t: T }) {
  return (
    <div className="card paper-beside">
      <p className="muted">{t('paper.verifyHint')}</p>
      <a className="button button-plain" href="/verify" target="_blank" rel="noreferrer">
        {t('paper.verify')}
      </a>
      {transfer.memo !== '' && (
        <div className="paper-memo">
          <p className="muted">{t('paper.memoHint')}</p>
          <CopyButton
            value={receipt.memo.salt}
            label={t('paper.memoSalt')}
            text={t('paper.memoSalt')}
            copiedText={t('app.copied')}
          />
        </div>
      )}
    </div>
  );
}
