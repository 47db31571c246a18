/**
 * Requests that carry a passphrase or a PIN. Secrets travel as bytes beside the JSON, so that the server can clear
 * them after use: a JSON string would leave copies in memory that nobody can erase.
 *
 * Body (`application/vnd.jigeum.secret-form`): u32 length of the JSON, JSON (UTF-8), then for each secret in the order
 * of the route's `secrets`: u16 length, bytes. Big-endian. Nothing follows.
 */
export const SECRET_FORM_TYPE = 'application/vnd.jigeum.secret-form';

/** A passphrase of more bytes than this is refused before it is read. */
export const SECRET_BYTES_MAX = 1024;

export class SecretFormError extends Error {
  override readonly name = 'SecretFormError';
}

/** Writes a form. The caller clears the secrets and the result after sending. */
export function encodeSecretForm(json: unknown, secrets: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(json));
  const size = 4 + text.length + secrets.reduce((sum, secret) => sum + 2 + secret.length, 0);
  const form = new Uint8Array(size);
  const view = new DataView(form.buffer);
  view.setUint32(0, text.length);
  form.set(text, 4);
  let offset = 4 + text.length;
  for (const secret of secrets) {
    if (secret.length > SECRET_BYTES_MAX)
      throw new SecretFormError(`Expected a secret of at most ${SECRET_BYTES_MAX} bytes.`);
    view.setUint16(offset, secret.length);
    form.set(secret, offset + 2);
    offset += 2 + secret.length;
  }
  return form;
}

/**
 * Reads a form. The secrets are views into `form`: clearing `form` clears them.
 * Throws `SecretFormError` on any other shape; its text never shows content.
 */
export function decodeSecretForm(form: Uint8Array, secretCount: number): { json: unknown; secrets: Uint8Array[] } {
  const view = new DataView(form.buffer, form.byteOffset, form.byteLength);
  if (form.length < 4) throw new SecretFormError(`Expected at least 4 bytes, got ${form.length}.`);
  const jsonLength = view.getUint32(0);
  if (4 + jsonLength > form.length)
    throw new SecretFormError('Expected the JSON that its length announces; the body ends before.');
  const secrets: Uint8Array[] = [];
  let offset = 4 + jsonLength;
  for (let index = 0; index < secretCount; index++) {
    if (offset + 2 > form.length) throw new SecretFormError(`Expected ${secretCount} secrets, got ${index}.`);
    const length = view.getUint16(offset);
    if (length > SECRET_BYTES_MAX || offset + 2 + length > form.length) {
      throw new SecretFormError(
        'Expected a secret of the length that is announced; the body ends before or it is too long.',
      );
    }
    secrets.push(form.subarray(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  if (offset !== form.length)
    throw new SecretFormError(`Expected nothing after the secrets, got ${form.length - offset} bytes.`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(form.subarray(4, 4 + jsonLength)));
  } catch {
    // The parser's own message would quote the body.
    throw new SecretFormError('Expected JSON in UTF-8 at the start of the form.');
  }
  return { json, secrets };
}
