/** The key that signs heads and checkpoints of the audit log: Ed25519 (RFC 8032). It signs nothing else. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

export interface AuditKey {
  /** The public key's 32 bytes as hex: its name everywhere. */
  readonly publicKey: string;
  /** 64 bytes as hex over the text in UTF-8; the same for the same text. */
  sign(text: string): string;
}

/** DER before the 32 bytes of a private key (RFC 8410, PKCS #8) and of a public one (SPKI). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The key of a secret of 32 bytes. The caller clears the secret. */
export function createAuditKey(secret: Uint8Array): AuditKey {
  const der = Buffer.concat([PRIVATE_PREFIX, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: spki.subarray(PUBLIC_PREFIX.length).toString('hex'),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('hex'),
  };
}

const known = new Map<string, KeyObject>();

/** True for a signature of this public key over this text; false for anything that is no key or no signature. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(publicKey) || !/^[0-9a-f]{128}$/.test(signature)) return false;
  try {
    let key = known.get(publicKey);
    if (key === undefined) {
      const der = Buffer.concat([PUBLIC_PREFIX, Buffer.from(publicKey, 'hex')]);
      key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      if (known.size < 16) known.set(publicKey, key);
    }
    return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'hex'));
  } catch {
    // Bytes that are no point of the curve are nobody's key.
    return false;
  }
}
