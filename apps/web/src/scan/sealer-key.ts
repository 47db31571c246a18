/** A sealer's key as a visitor enters it or a link carries it. */

/** Whose seal counts, and where it was said, on which chain. */
export interface SealerKey {
  /** 0x and 40 hex digits. */
  readonly keyHash: string;
  /** Null: on whatever chain the server names. */
  readonly chainId: number | null;
}

/** Why a text is no sealer's key. `secret`: its length is that of a private key, which nobody may enter anywhere. */
export type SealerKeyFault = 'empty' | 'symId' | 'secret' | 'chain' | 'form';

/**
 * Reads `0x` and 40 hex digits (0x may be missing), after the chain's number and a colon where one is given: `7777:0x096d…`. White
 * space, quotes and commas around it are those of the file or letter that it was copied from.
 */
export function readSealerKey(text: string): SealerKey | SealerKeyFault {
  const [, chain, digits] = /^(?:([^:]*):)?(?:0x)?([^:]*)$/.exec(text.toLowerCase().replaceAll(/[\s",]/g, '')) ?? [];
  if (digits === undefined) return 'form';
  if (digits === '' && chain === undefined) return 'empty';
  if (!/^[0-9a-f]{40}$/.test(digits)) return /^[0-9a-f]+$/.test(digits) ? faultOfLength(digits.length) : 'form';
  const keyHash = `0x${digits}`;
  if (chain === undefined) return { keyHash, chainId: null };
  return /^[1-9][0-9]{0,15}$/.test(chain) && isChainId(Number(chain)) ? { keyHash, chainId: Number(chain) } : 'chain';
}

/** A number that a chain may have. */
export const isChainId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

/** As `readSealerKey` reads it. */
export const sealerKeyText = ({ keyHash, chainId }: SealerKey): string =>
  chainId === null ? keyHash : `${chainId}:${keyHash}`;

/** What stands after `#sealer=` in an address; null where the fragment is about something else. */
export function sealerInFragment(fragment: string): string | null {
  const text = /^#sealer=(.*)$/s.exec(fragment)?.[1];
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken percent sign is no key either; the text itself says so to whoever reads it.
    return text;
  }
}

function faultOfLength(length: number): SealerKeyFault {
  if (length === 20) return 'symId';
  return length === 64 ? 'secret' : 'form';
}
