import { useEffect, useId, useRef, useState, type RefObject } from 'react';
import { useLanguage, useT } from '../i18n/scan.ts';
import { fullTimeText } from '../state/time.ts';
import { useStore } from '../state/store.ts';
import { Notice } from '../ui/Notice.tsx';
import { readSealerKey, sealerInFragment, sealerKeyText, type SealerKey, type SealerKeyFault } from './sealer-key.ts';
import { givenSealer, giveSealer } from './trust.ts';
import { Value } from './values.tsx';

/** Lets the visitor give the sealer's key himself, change it and take it back. `onChange` hears whether there is one now. */
export function SealerChoice({ onChange }: { onChange: (isGiven: boolean) => void }) {
  const t = useT();
  const language = useLanguage();
  const given = useStore(givenSealer);
  const proposal = useProposal();
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const give = (key: SealerKey): void => {
    giveSealer(key);
    setOpen(false);
    proposal.drop();
    opener.current?.focus();
    onChange(true);
  };
  return (
    <section className="scan-sealer">
      <h3>{t('proof.sealerTitle')}</h3>
      {given === null ? (
        <p className="muted">{t('proof.sealerNone')}</p>
      ) : (
        <>
          <Value value={sealerKeyText(given)} />
          <p className="muted">{t('proof.sealerGiven', { when: fullTimeText(given.since, language) })}</p>
        </>
      )}
      {proposal.text !== null && <Proposal text={proposal.text} given={given} onGive={give} onDrop={proposal.drop} />}
      <div className="scan-actions">
        <button
          ref={opener}
          type="button"
          className="pill-button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t(given === null ? 'proof.sealerEnter' : 'proof.sealerChange')}
        </button>
        {given !== null && (
          <button
            type="button"
            className="pill-button"
            onClick={() => {
              givenSealer.set(null);
              proposal.drop();
              opener.current?.focus();
              onChange(false);
            }}
          >
            {t('proof.sealerRemove')}
          </button>
        )}
      </div>
      {isOpen && <Form onGive={give} />}
    </section>
  );
}

function Form({ onGive }: { onGive: (key: SealerKey) => void }) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState('');
  const [fault, setFault] = useState<SealerKeyFault | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      className="scan-sealer-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const key = readSealerKey(text);
        if (typeof key === 'object') return onGive(key);
        setFault(key);
        // What may be a secret is not left on the screen.
        if (key === 'secret') setText('');
        input.current?.focus();
      }}
    >
      <label htmlFor={id}>{t('proof.sealerLabel')}</label>
      <input
        ref={input}
        id={id}
        className="scan-value"
        placeholder="7777:0x…"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        value={text}
        aria-invalid={fault !== null}
        aria-describedby={`${id}-fault ${id}-hint`}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setFault(null);
        }}
      />
      <p id={`${id}-fault`} className="scan-sealer-fault" role="alert">
        {fault !== null && t(`proof.sealerFaults.${fault}`)}
      </p>
      <p id={`${id}-hint`} className="muted">
        {t('proof.sealerHint')}
      </p>
      <button type="submit" className="pill-button" data-look="main">
        {t('proof.sealerUse')}
      </button>
    </form>
  );
}

interface ProposalProps {
  text: string;
  given: SealerKey | null;
  onGive: (key: SealerKey) => void;
  onDrop: () => void;
}

/** A key that came with a link, which anybody may have written: it counts only when the visitor says so. */
function Proposal({ text, given, onGive, onDrop }: ProposalProps) {
  const t = useT();
  const notice = useRef<HTMLDivElement>(null);
  const key = readSealerKey(text);
  const isNews = typeof key === 'string' || given === null || sealerKeyText(key) !== sealerKeyText(given);
  useAttention(notice, isNews);
  if (!isNews) return null;
  const drop = (
    <button type="button" className="pill-button" onClick={onDrop}>
      {t('proof.linkDrop')}
    </button>
  );
  return (
    <div ref={notice} tabIndex={-1} className="scan-proposal">
      {typeof key === 'string' ? (
        <Notice tone="caution" title={t('proof.linkBad')} action={drop}>
          {t(`proof.sealerFaults.${key}`)}
        </Notice>
      ) : (
        <Notice tone="caution" title={t('proof.linkTitle')}>
          <span className="scan-value">{sealerKeyText(key)}</span>
          <br />
          {given === null ? t('proof.linkText') : t('proof.linkReplaces', { key: sealerKeyText(given) })}
          <span className="scan-actions">
            {drop}
            <button type="button" className="pill-button" onClick={() => onGive(key)}>
              {t(given === null ? 'proof.linkGive' : 'proof.linkReplace')}
            </button>
          </span>
        </Notice>
      )}
    </div>
  );
}

/** Brings a question before the visitor, wherever on the page it stands. */
function useAttention(element: RefObject<HTMLElement | null>, isAsking: boolean): void {
  useEffect(() => {
    if (isAsking) element.current?.focus();
  }, [element, isAsking]);
}

/** What the address proposes after `#sealer=`, until it is answered: then it goes from the address as well. */
function useProposal(): { text: string | null; drop: () => void } {
  const [text, setText] = useState(() => sealerInFragment(location.hash));
  useEffect(() => {
    const listen = (): void => setText(sealerInFragment(location.hash));
    window.addEventListener('hashchange', listen);
    return () => window.removeEventListener('hashchange', listen);
  }, []);
  const drop = (): void => {
    setText(null);
    if (sealerInFragment(location.hash) !== null)
      history.replaceState(history.state, '', location.pathname + location.search);
  };
  return { text, drop };
}
