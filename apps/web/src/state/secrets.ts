/** A typed secret as bytes. The caller clears them after use; the text itself leaves the page with its field. */
export const secretBytes = (text: string): Uint8Array => new TextEncoder().encode(text.normalize('NFC'));
