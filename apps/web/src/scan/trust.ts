/**
 * Whose seal this browser believes. A key that the visitor has given is believed alone; without one, the key that the browser saw
 * first, for each chain, so that a server which changes its mind is noticed.
 */
import { systemClock } from '@jigeum/std';
import { createStore } from '../state/store.ts';
import { isChainId, type SealerKey } from './sealer-key.ts';

export interface TrustedSealer {
  /** `given` by the visitor, or `seen` here first. */
  readonly origin: 'given' | 'seen';
  readonly keyHash: string;
  /** ISO 8601: when it was given or seen. */
  readonly since: string;
}

/** The visitor's own word. */
export interface GivenSealer extends SealerKey {
  /** ISO 8601. */
  readonly since: string;
}

/**
 * The key that the visitor has given; null where there is none. It is one for all chains, for a server that names another chain must
 * not get around it. Where the browser stores nothing it lasts as long as the page.
 */
export const givenSealer = createStore<GivenSealer | null>(null, {
  storage: () => localStorage,
  key: 'jigeum.scan.sealer.given',
  decode: (json) => {
    if (typeof json !== 'object' || json === null) return undefined;
    const { keyHash, chainId, since } = json as Partial<GivenSealer>;
    return isKeyHash(keyHash) && isInstant(since) && (chainId === null || isChainId(chainId))
      ? { keyHash, chainId, since }
      : undefined;
  },
});

/** Believes the visitor's key from now on, and no other. */
export function giveSealer({ keyHash, chainId }: SealerKey): void {
  givenSealer.set({ keyHash, chainId, since: now() });
}

const keyOf = (chainId: number): string => `jigeum.scan.sealer.${chainId}`;

/** The key seen first; the named one where none is remembered yet. Without storage it is believed for this once. */
export function seenSealer(chainId: number, keyHash: string): TrustedSealer {
  return read(chainId) ?? trustSealer(chainId, keyHash);
}

/** Believes the key that the server names, as if it had been seen first. */
export function trustSealer(chainId: number, keyHash: string): TrustedSealer {
  const sealer = { keyHash, since: now() };
  try {
    localStorage.setItem(keyOf(chainId), JSON.stringify(sealer));
  } catch {
    // A private window may refuse: then the next visit is again a first one, and the page says when that was.
  }
  return { origin: 'seen', ...sealer };
}

function read(chainId: number): TrustedSealer | null {
  try {
    const json: unknown = JSON.parse(localStorage.getItem(keyOf(chainId)) ?? 'null');
    if (typeof json !== 'object' || json === null) return null;
    const { keyHash, since } = json as Partial<TrustedSealer>;
    return isKeyHash(keyHash) && isInstant(since) ? { origin: 'seen', keyHash, since } : null;
  } catch {
    // No storage, or something else has written there: nothing is remembered.
    return null;
  }
}

const now = (): string => new Date(systemClock.nowMs()).toISOString();

// Functions, not constants: the store above reads while this module is loaded.
function isKeyHash(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value);
}

/** Formatting anything else would throw where the page shows it. */
function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
