/** Whose keys count on this page: those that came with it, or those that the visitor has entered. */
import { issuerKeyId, type KnownKeys } from '@jigeum/receipt';
import { hexToBytes, isHex } from '@jigeum/std';

/** What the server writes into the page when it hands it out; null in a page that was built and not handed out. */
interface BuiltIn {
  readonly chainId: string;
  readonly issuerKeys: readonly { readonly keyId: string }[];
  readonly sealers: readonly { readonly keyHash: string }[];
}

/** The keys of the element `known-keys`. */
export function builtInKeys(json: string): KnownKeys {
  const given = JSON.parse(json) as BuiltIn | null;
  if (given === null) return { issuerKeyIds: [], sealerKeyHashes: [] };
  return {
    chainId: given.chainId,
    issuerKeyIds: given.issuerKeys.map(({ keyId }) => keyId),
    sealerKeyHashes: given.sealers.map(({ keyHash }) => keyHash),
  };
}

/** The visitor's lines: 64 hex digits are an issuer's key or its id, 40 a sealer's key hash. Null where a line is neither. */
export function enteredKeys(text: string): KnownKeys | null {
  const lines = text.split(/\s+/).filter((line) => line !== '');
  const digits = lines.map((line) => line.replace(/^0x/, '').toLowerCase());
  if (digits.some((line) => !isHex(line) || (line.length !== 64 && line.length !== 40))) return null;
  return {
    issuerKeyIds: digits
      .filter(({ length }) => length === 64)
      .flatMap((line) => [`0x${line}`, issuerKeyId(hexToBytes(line))]),
    sealerKeyHashes: digits.filter(({ length }) => length === 40).map((line) => `0x${line}`),
  };
}
