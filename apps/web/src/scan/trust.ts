/** Whose seal this browser believes: the key that it saw first, for each chain. A server that changes its mind is noticed. */
import { systemClock } from '@jigeum/std';

export interface TrustedSealer {
  readonly keyHash: string;
  /** ISO 8601. */
  readonly since: string;
}

const keyOf = (chainId: number): string => `jigeum.scan.sealer.${chainId}`;

/** The remembered key; the given one where none is remembered yet. Without storage it is believed for this once. */
export function trustedSealer(chainId: number, keyHash: string): TrustedSealer {
  return read(chainId) ?? trustSealer(chainId, keyHash);
}

/** Believes a key from now on. */
export function trustSealer(chainId: number, keyHash: string): TrustedSealer {
  const sealer = { keyHash, since: new Date(systemClock.nowMs()).toISOString() };
  try {
    localStorage.setItem(keyOf(chainId), JSON.stringify(sealer));
  } catch {
    // A private window may refuse: then the next visit is again a first one, and the page says when that was.
  }
  return sealer;
}

function read(chainId: number): TrustedSealer | null {
  try {
    const json: unknown = JSON.parse(localStorage.getItem(keyOf(chainId)) ?? 'null');
    if (typeof json !== 'object' || json === null) return null;
    const { keyHash, since } = json as Partial<TrustedSealer>;
    return typeof keyHash === 'string' && /^0x[0-9a-f]{40}$/.test(keyHash) && typeof since === 'string'
      ? { keyHash, since }
      : null;
  } catch {
    // No storage, or something else has written there: nothing is remembered.
    return null;
  }
}
