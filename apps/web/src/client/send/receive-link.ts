/** The address inside a receive QR: `<origin>/send?to=<receive code>&amount=<won>`. */
export interface ReceiveLink {
  readonly receiveCode: string;
  /** Whole won that the payee asks for; null where the payer decides. */
  readonly won: bigint | null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WON = /^[1-9][0-9]{0,9}$/;

/** Writes the address that a payer's camera opens. */
export function writeReceiveLink(origin: string, link: ReceiveLink): string {
  const amount = link.won === null ? '' : `&amount=${link.won}`;
  return `${origin}/send?to=${link.receiveCode}${amount}`;
}

/** Reads an address of this very site; null for anything else, so that a foreign QR is never followed. */
export function readReceiveLink(text: string, origin: string): ReceiveLink | null {
  let url: URL;
  try {
    url = new URL(text, origin);
  } catch {
    // Not an address at all: a QR of something else.
    return null;
  }
  const receiveCode = url.searchParams.get('to')?.toLowerCase() ?? '';
  if (url.origin !== origin || url.pathname !== '/send' || !UUID.test(receiveCode)) return null;
  const amount = url.searchParams.get('amount');
  return { receiveCode, won: amount !== null && WON.test(amount) ? BigInt(amount) : null };
}
