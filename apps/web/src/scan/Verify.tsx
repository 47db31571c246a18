import type { ScanChainView, ScanWholeTransactionView } from '@jigeum/api';
import { formatAmount } from '@jigeum/money';
import { useRef, useState } from 'react';
import { useLanguage, useT } from '../i18n/scan.ts';
import { api, refusalOf } from '../state/api.ts';
import { useStore } from '../state/store.ts';
import { fullTimeText } from '../state/time.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Card } from './parts.tsx';
import { SealerChoice } from './SealerChoice.tsx';
import { givenSealer, seenSealer, trustSealer, type GivenSealer, type TrustedSealer } from './trust.ts';
import { countText } from './values.tsx';
import type { Check, Verdict } from './verify.ts';

interface Answers {
  chainId: number;
  sealer: NonNullable<ScanChainView['sealer']>;
  trusted: TrustedSealer;
  /** What the visitor had given when it was computed. */
  given: GivenSealer | null;
  /** Whose seal the proof says that it has. */
  namedKeyHash: string;
  verdict: Verdict;
  /** Of tokens, as the page shows it; null where it shows none. */
  amount: bigint | null;
}

type Progress =
  | { kind: 'idle' }
  | { kind: 'running' }
  | { kind: 'done'; answers: Answers }
  /** No proof came: nothing is known. */
  | { kind: 'unavailable' }
  /** The node makes none. */
  | { kind: 'none' };

/** Lets the visitor's own browser decide whether the transaction of this hash, from the address bar, is what the page says. */
export function Verify({ hash, transaction }: { hash: string; transaction: ScanWholeTransactionView }) {
  const t = useT();
  const [latest, setProgress] = useState<Progress>({ kind: 'idle' });
  const given = useStore(givenSealer);
  // A verdict under another key than the one that counts now says nothing: another tab may have changed it.
  const progress: Progress = latest.kind === 'done' && latest.answers.given !== given ? { kind: 'idle' } : latest;
  const runs = useRef(0);
  const isFinal = transaction.state !== 'pending';
  const run = async (): Promise<void> => {
    const mine = ++runs.current;
    setProgress({ kind: 'running' });
    const end = await verifyNow(hash, transaction);
    if (mine === runs.current) setProgress(end);
  };
  return (
    <Card title={t('proof.title')}>
      <p className="muted">{t(isFinal ? 'proof.intro' : 'proof.pending')}</p>
      {isFinal && (
        <>
          <div aria-live="polite">
            <Outcome progress={progress} trustAnew={() => void run()} />
          </div>
          <div className="scan-actions">
            <Button
              icon={<Icon name="shield" size={20} />}
              busy={progress.kind === 'running' && t('proof.running')}
              look={progress.kind === 'done' ? 'soft' : 'main'}
              onClick={() => void run()}
            >
              {t(progress.kind === 'idle' || progress.kind === 'running' ? 'proof.run' : 'proof.again')}
            </Button>
            <a
              className="pill-button"
              href={`/v1/scan/transactions/${transaction.hash}/proof`}
              download={`proof-${transaction.hash}.json`}
            >
              <Icon name="receive" size={16} />
              {t('proof.download')}
            </a>
            <a className="pill-button" href="/verify">
              <Icon name="check" size={16} />
              {t('proof.receiptFile')}
            </a>
          </div>
          <SealerChoice onChange={(isGiven) => (isGiven || latest.kind !== 'idle') && void run()} />
        </>
      )}
    </Card>
  );
}

/** Asks for proof, sealer and sender apart from each other, and computes. */
async function verifyNow(hash: string, transaction: ScanWholeTransactionView): Promise<Progress> {
  try {
    const [proof, chain, sender, { verifyTransaction }] = await Promise.all([
      api.call('scanProof', { params: { hash } }),
      api.call('scanChain', {}),
      api.call('scanAccount', { params: { symId: transaction.from }, query: { limit: 1 } }),
      import('./verify.ts'),
    ]);
    if (chain.sealer === null) return { kind: 'none' };
    const given = givenSealer.get();
    const trusted: TrustedSealer =
      given === null ? seenSealer(chain.chainId, chain.sealer.keyHash) : { origin: 'given', ...given };
    const verdict = verifyTransaction({
      hash,
      proof,
      shown: transaction,
      trust: { chainId: given?.chainId ?? chain.chainId, sealerKeyHash: trusted.keyHash },
      senderKeyHash: sender.citizen?.keyHash ?? null,
    });
    return {
      kind: 'done',
      answers: {
        chainId: chain.chainId,
        sealer: chain.sealer,
        trusted,
        given,
        namedKeyHash: proof.sealerKeyHash,
        verdict,
        amount: transaction.call?.amount ?? null,
      },
    };
  } catch (error) {
    return { kind: refusalOf(error) === 'not-found' ? 'none' : 'unavailable' };
  }
}

function Outcome({ progress, trustAnew }: { progress: Progress; trustAnew: () => void }) {
  const t = useT();
  switch (progress.kind) {
    case 'idle':
    case 'running':
      return null;
    case 'unavailable':
      return (
        <Notice tone="caution" title={t('proof.unavailable')}>
          {t('proof.unavailableText')}
        </Notice>
      );
    case 'none':
      return (
        <Notice tone="caution" title={t('proof.none')}>
          {t('proof.noneText')}
        </Notice>
      );
    case 'done':
      return <Result answers={progress.answers} trustAnew={trustAnew} />;
  }
}

function Result({ answers, trustAnew }: { answers: Answers; trustAnew: () => void }) {
  const t = useT();
  const { verdict, amount, trusted, namedKeyHash } = answers;
  return (
    <div className="scan-verdict" data-testid="verdict" data-valid={verdict.isValid}>
      {verdict.isValid ? (
        <Notice tone="positive" icon="shield" title={t('proof.passed')}>
          {t('proof.passedText', { number: countText(verdict.blockNumber ?? 0) })}
        </Notice>
      ) : isOtherSeal(answers) ? (
        <Notice tone="danger" title={t('proof.givenWrong')}>
          {t('proof.givenWrongText', { given: trusted.keyHash, named: namedKeyHash })}
        </Notice>
      ) : (
        <Notice tone="danger" title={t('proof.failed')}>
          {t('proof.failedText')}
        </Notice>
      )}
      <ol className="scan-checks">
        {verdict.checks.map((check) => (
          <li key={check.name} data-check={check.name} data-outcome={check.outcome}>
            <CheckRow check={check} />
          </li>
        ))}
      </ol>
      {verdict.isValid && amount !== null && (
        <p className="muted scan-trust">
          {t('proof.tokenFacts', { amount: formatAmount(amount, 0, { grouping: true }) })}
        </p>
      )}
      <Trust answers={answers} trustAnew={trustAnew} />
    </div>
  );
}

/** True where the visitor has given a key, and the proof is of another one's seal. */
const isOtherSeal = ({ trusted, namedKeyHash }: Answers): boolean =>
  trusted.origin === 'given' && trusted.keyHash !== namedKeyHash;

/** Whose seal counted, how this browser came to know it, and what can be done where it is not the block's. */
function Trust({ answers, trustAnew }: { answers: Answers; trustAnew: () => void }) {
  const t = useT();
  const language = useLanguage();
  const { trusted, sealer, chainId } = answers;
  const when = fullTimeText(trusted.since, language);
  if (trusted.origin === 'given') {
    return isOtherSeal(answers) ? null : (
      <p className="muted scan-trust">{t('proof.trustGiven', { key: trusted.keyHash, when })}</p>
    );
  }
  return trusted.keyHash === sealer.keyHash ? (
    <p className="muted scan-trust">{t('proof.trust', { key: trusted.keyHash, when })}</p>
  ) : (
    <Notice
      tone="caution"
      title={t('proof.changed')}
      action={
        <button
          type="button"
          className="pill-button"
          onClick={() => {
            trustSealer(chainId, sealer.keyHash);
            trustAnew();
          }}
        >
          {t('proof.forget')}
        </button>
      }
    >
      {t('proof.changedText')}
    </Notice>
  );
}

const ICONS = { passed: 'check', failed: 'close', skipped: 'clock' } as const;
const WORDS = { passed: 'ok', failed: 'bad', skipped: 'skipped' } as const;

function CheckRow({ check }: { check: Check }) {
  const t = useT();
  const language = useLanguage();
  const isSentence = language === 'en' || check.outcome === 'failed';
  const detail = isSentence ? check.detail : valuesOf(check);
  const text = t(check.outcome === 'failed' ? `proof.checksFailed.${check.name}` : `proof.checks.${check.name}`);
  return (
    <>
      <span className="scan-check-mark">
        <Icon name={ICONS[check.outcome]} size={16} />
        <span className="hidden-visually">{t(`proof.${WORDS[check.outcome]}`)}</span>
      </span>
      <span className="scan-check-text">
        <span>
          {text}
          {check.outcome === 'skipped' && check.name !== 'signer-changed' && ` · ${t('proof.skipped')}`}
        </span>
        {detail !== '' && (
          <small lang={isSentence ? 'en' : undefined} title={t('proof.detail')}>
            {detail}
          </small>
        )}
      </span>
    </>
  );
}

/**
 * The hashes, keys and SymIDs that a check has found. Its sentence is for experts and in English; in Korean the row's own text says
 * what they are, and only a failure, which an expert will want to read, is shown as it is.
 */
const valuesOf = ({ outcome, detail }: Check): string =>
  outcome === 'skipped' ? '' : (detail.match(/0x[0-9a-f]+/g) ?? []).join(' · ');
