/** A phone number as a keyed hash: it finds its member, and the table alone tells no number. */
import type { PlatformDeps } from '#platform';

/** HMAC-SHA256 of `010` and 8 digits under a key of the server key: 32 bytes. */
export const phoneHmac = (deps: Pick<PlatformDeps, 'secrets'>, phone: string): Uint8Array =>
  deps.secrets.hmac('phone', Buffer.from(phone, 'utf8'));
