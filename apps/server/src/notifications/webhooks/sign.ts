/** Standard Webhooks: the headers by which a receiver knows that a request is ours, and the secrets that make them. */
import { createHmac } from 'node:crypto';
import type { PlatformDeps } from '#platform';

/** 256 bits: as long as the digest. */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** A new secret as its receiver writes it: `whsec_` and base64. */
export const newSecret = (deps: Pick<PlatformDeps, 'ids'>): string =>
  `${PREFIX}${Buffer.from(deps.ids.bytes(SECRET_BYTES)).toString('base64')}`;

/** Sealed under the server key and bound to its endpoint and number, so that the database alone signs nothing. */
export function sealSecret(
  deps: Pick<PlatformDeps, 'secrets'>,
  { endpointId, number, secret }: { endpointId: string; number: number; secret: string },
): Uint8Array {
  const key = keyOf(secret);
  const sealed = deps.secrets.seal(contextOf(endpointId, number), key);
  key.fill(0);
  return sealed;
}

/** The key that signs. The caller clears it. */
export const openSecret = (
  deps: Pick<PlatformDeps, 'secrets'>,
  { endpointId, number, sealed }: { endpointId: string; number: number; sealed: Uint8Array },
): Uint8Array => deps.secrets.open(contextOf(endpointId, number), sealed);

const contextOf = (endpointId: string, number: number): string => `webhook ${endpointId} ${number}`;

/** The key inside `whsec_…`. */
export const keyOf = (secret: string): Uint8Array => Buffer.from(secret.slice(PREFIX.length), 'base64');

/** The three headers; one signature for each key, the newest first. `nowMs`: the time of this try. */
export function signedHeaders(
  { id, body }: { id: string; body: Uint8Array },
  { keys, nowMs }: { keys: readonly Uint8Array[]; nowMs: number },
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = (key: Uint8Array): string =>
    `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': keys.map(signature).join(' ') };
}
