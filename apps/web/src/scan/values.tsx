/** Single values as the scanner writes them. */
import { systemClock } from '@jigeum/std';
import { formatAmount } from '@jigeum/money';
import { Fragment, useEffect, useState } from 'react';
import { useLanguage, useT } from '../i18n/scan.ts';
import { fullTimeText } from '../state/time.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Link } from '../ui/router.tsx';
import type { ScanTransactionView } from '@jigeum/api';
import { addressPath } from './paths.ts';

export const SYM_DECIMALS = 18;

/** 1,234,567 in any language. */
export const countText = (count: number): string => count.toLocaleString('en');

/** Templates whose supply counts things that are held one by one. */
export const hasItems = (template: string): boolean => /^sct(?:30|40)$/i.test(template);

/** A part of a whole in per cent, two decimals, rest dropped; what is less than that is said to be, and not to be nothing. */
export function shareText(part: bigint, whole: bigint): string {
  if (whole === 0n) return '–';
  const hundredths = (part * 10_000n) / whole;
  if (hundredths === 0n && part > 0n) return '< 0.01%';
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, '0')}%`;
}

/** What of a stranger's text stands beside figures or in a list; a name may have 256 characters, other texts any number. */
const CHARACTERS_BESIDE_MAX = 40;

/**
 * A name, a symbol or another text that somebody has written into the chain. It may be written from right to left: its direction stays
 * its own, and the figures and words beside it stay where they are. Its end is left out where it is long, unless `isWhole`.
 */
export function ChainText({ children: text, isWhole = false }: { children: string; isWhole?: boolean }) {
  const characters = [...text];
  if (isWhole || characters.length <= CHARACTERS_BESIDE_MAX) return <bdi>{text}</bdi>;
  return <bdi title={text}>{characters.slice(0, CHARACTERS_BESIDE_MAX - 1).join('')}…</bdi>;
}

/** An amount in a token's own unit, exact. */
export function UnitText({ amount, decimals, symbol }: { amount: bigint; decimals: number; symbol: string }) {
  return (
    <span className="figures scan-unit">
      <GroupedText text={formatAmount(amount, decimals, { grouping: true })} /> <ChainText>{symbol}</ChainText>
    </span>
  );
}

/** So many fit on any line of their own: they are not to be broken because others stand before them. */
const ONE_LINE_CHARACTERS = 20;

/** A number that breaks between its groups of digits, and at its point, where a line is too short for it: an amount may have 78 digits. */
export const GroupedText = ({ text }: { text: string }) =>
  (text.length <= ONE_LINE_CHARACTERS ? [text] : text.split(/(?<=[,.])/)).map((group, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {group}
    </Fragment>
  ));

/** Coins of the chain. */
export const CoinText = ({ hug }: { hug: bigint }) => <UnitText amount={hug} decimals={SYM_DECIMALS} symbol="SYM" />;

interface ValueProps {
  value: string;
  /** Where it leads. */
  to?: string;
  /** Its two ends where there is no room for the whole. */
  isShort?: boolean;
  hasCopy?: boolean;
}

/** Bytes in hex; always whole for the clipboard. */
export function Value({ value, to, isShort = false, hasCopy = true }: ValueProps) {
  const t = useT();
  const text = isShort && value.length > 16 ? `${value.slice(0, 8)}…${value.slice(-6)}` : value;
  const shown = (
    <span className="scan-value" data-short={isShort} title={isShort ? value : undefined}>
      {text}
    </span>
  );
  return (
    <span className="scan-value-row">
      {to === undefined ? shown : <Link to={to}>{shown}</Link>}
      {hasCopy && (
        <CopyButton value={value} label={`${t('app.copy')} ${value.slice(0, 10)}`} copiedText={t('app.copied')} />
      )}
    </span>
  );
}

/** A SymID or a contract, leading to its page. */
export const Address = ({ address, ...rest }: { address: string; isShort?: boolean; hasCopy?: boolean }) => (
  <Value value={address} to={addressPath(address)} {...rest} />
);

const icons = { final: 'check', pending: 'clock', reverted: 'alert' } as const;

export function StateBadge({ state }: { state: ScanTransactionView['state'] }) {
  const t = useT();
  return (
    <span className="scan-badge" data-tone={state}>
      <Icon name={icons[state]} size={16} />
      {t(`state.${state}`)}
    </span>
  );
}

const TICK_MS = 1_000;
const listeners = new Set<(nowMs: number) => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One clock for all ages on the page. */
function useNowMs(): number {
  const [nowMs, setNowMs] = useState(() => systemClock.nowMs());
  useEffect(() => {
    listeners.add(setNowMs);
    ticking ??= setInterval(() => {
      const now = systemClock.nowMs();
      for (const listener of listeners) listener(now);
    }, TICK_MS);
    return () => {
      listeners.delete(setNowMs);
      if (listeners.size > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return nowMs;
}

/** How long ago, kept current. The exact time is the tooltip. */
export function Age({ at }: { at: string }) {
  const t = useT();
  const language = useLanguage();
  const seconds = Math.max(0, Math.floor((useNowMs() - new Date(at).getTime()) / 1_000));
  const text =
    seconds < 2
      ? t('time.now')
      : seconds < 60
        ? t('time.seconds', { count: seconds })
        : seconds < 3_600
          ? t('time.minutes', { count: Math.floor(seconds / 60) })
          : seconds < 86_400
            ? t('time.hours', { count: Math.floor(seconds / 3_600) })
            : t('time.days', { count: Math.floor(seconds / 86_400) });
  return (
    <time dateTime={at} title={fullTimeText(at, language)} className="figures">
      {text}
    </time>
  );
}

/** The exact time, where it is that time, and how long ago. */
export function Moment({ at }: { at: string }) {
  const t = useT();
  const language = useLanguage();
  return (
    <>
      <span className="figures">{fullTimeText(at, language)}</span>{' '}
      <span className="muted">
        {t('time.zone')} · <Age at={at} />
      </span>
    </>
  );
}
