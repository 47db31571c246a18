import { useT } from '../i18n/scan.ts';
import { ChainText } from './values.tsx';

const HUES = 5;

/** A round mark with a token's first letters; its colour follows from its contract. */
export function TokenMark({ symbol, contract }: { symbol: string; contract: string }) {
  const hue = Number.parseInt(contract.slice(-2), 16) % HUES;
  return (
    <span className="scan-mark" data-hue={hue} aria-hidden="true">
      {[...symbol.trim()].slice(0, 3).join('') || '?'}
    </span>
  );
}

/** Symbol and name, the one that matters more first; the contract where somebody has made it without either. */
export function TokenTitle({
  token,
  first,
}: {
  token: { contract: string; name: string; symbol: string };
  first: 'symbol' | 'name';
}) {
  const [main = token.contract, rest] = [token[first], token[first === 'name' ? 'symbol' : 'name']].filter(
    (text) => text.trim() !== '',
  );
  return (
    <>
      <ChainText>{main}</ChainText>
      {rest !== undefined && (
        <>
          {' '}
          <span className="muted">
            <ChainText>{rest}</ChainText>
          </span>
        </>
      )}
    </>
  );
}

/** Whether a contract may be used, as a word; the chain's own where it is another one. */
export function StateWord({ state }: { state: string }) {
  const t = useT();
  const word = state.toLowerCase();
  if (word === 'active' || word === 'paused') return t(`token.${word}`);
  return <ChainText>{state}</ChainText>;
}

/** The same as a badge. */
export function TokenState({ state, isQuietWhenActive = false }: { state: string; isQuietWhenActive?: boolean }) {
  const isActive = state.toLowerCase() === 'active';
  if (isActive && isQuietWhenActive) return null;
  return (
    <span className="scan-badge" data-tone={isActive ? 'final' : 'pending'}>
      <StateWord state={state} />
    </span>
  );
}
