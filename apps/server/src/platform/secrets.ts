/**
 * What only the holder of the server key can make or read. Each use has its own key, derived by HKDF-SHA256 from the
 * 32 bytes of the server key file, so that one use can never stand for another.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Ids } from '@jigeum/std';

export interface Secrets {
  /** HMAC-SHA256 under the key of `purpose`, over the parts with their lengths: 32 bytes. */
  hmac(purpose: string, ...parts: readonly Uint8Array[]): Uint8Array;
  /** AES-256-GCM under the sealing key; opens only with the same `context`. */
  seal(context: string, plain: Uint8Array): Uint8Array;
  /** What `seal` closed. Throws `SealBrokenError` on another context, another key or a changed byte. */
  open(context: string, sealed: Uint8Array): Uint8Array;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The sealed bytes, their context or the server key is not the one that sealed. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
}

/** Makes the secrets of a server key of 32 bytes. The caller clears `serverKey` afterwards. */
export function createSecrets(deps: { ids: Pick<Ids, 'bytes'> }, serverKey: Uint8Array): Secrets {
  if (serverKey.length !== 32) throw new TypeError(`Expected a server key of 32 bytes, got ${serverKey.length}.`);
  const root = Uint8Array.from(serverKey);
  const derived = new Map<string, Uint8Array>();
  const keyOf = (purpose: string): Uint8Array => {
    let key = derived.get(purpose);
    if (key === undefined) {
      key = new Uint8Array(hkdfSync('sha256', root, 'jigeum server key', purpose, 32));
      derived.set(purpose, key);
    }
    return key;
  };
  return {
    hmac(purpose, ...parts) {
      const mac = createHmac('sha256', keyOf(`hmac ${purpose}`));
      const length = new Uint8Array(4);
      for (const part of parts) {
        new DataView(length.buffer).setUint32(0, part.length);
        mac.update(length).update(part);
      }
      return new Uint8Array(mac.digest());
    },
    seal: (context, plain) => sealWith(deps, keyOf('seal'), context, plain),
    open: (context, sealed) => openWith(keyOf('seal'), context, sealed),
  };
}

/**
 * Seals under any 32-byte key (a session's unlock key, for one): version (1 byte, 1), nonce (12), ciphertext, tag (16).
 * `context` is authenticated and not stored.
 */
export function sealWith(
  deps: { ids: Pick<Ids, 'bytes'> },
  key: Uint8Array,
  context: string,
  plain: Uint8Array,
): Uint8Array {
  const nonce = deps.ids.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  return new Uint8Array(
    Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
  );
}

/** Opens what `sealWith` closed. Throws `SealBrokenError`; its text shows no content. */
export function openWith(key: Uint8Array, context: string, sealed: Uint8Array): Uint8Array {
  if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION)
    throw new SealBrokenError(`Expected sealed bytes of version ${VERSION}, got ${sealed.length} bytes that are not.`);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const head = decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    const plain = new Uint8Array(Buffer.concat([head, decipher.final()]));
    return plain;
  } catch (cause) {
    throw new SealBrokenError('The sealed bytes, their context or the key is not the one that sealed.', { cause });
  } finally {
    head.fill(0);
  }
}
