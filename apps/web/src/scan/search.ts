/** Where a searched value leads. */

/** Contracts begin with ff; any other ten bytes name a person or a machine. */
const CONTRACT = /^0xff[0-9a-f]{18}$/;

/** The scanner's path for a hash, a SymID, a contract or a block number; null for anything else. */
export function searchPath(text: string): string | null {
  const value = text.trim().toLowerCase().replaceAll(',', '');
  if (/^[0-9]{1,15}$/.test(value)) return `/scan/blocks/${value.replace(/^0+(?=[0-9])/, '')}`;
  const hex = /^(?:0x)?([0-9a-f]{20}|[0-9a-f]{64})$/.exec(value)?.[1];
  if (hex === undefined) return null;
  return hex.length === 64 ? `/scan/transactions/0x${hex}` : addressPath(`0x${hex}`);
}

/** The page of a SymID or a contract. */
export const addressPath = (address: string): string =>
  CONTRACT.test(address) ? `/scan/tokens/${address}` : `/scan/accounts/${address}`;
