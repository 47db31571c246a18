/** The receiver's side of a webhook, in any runtime with WebCrypto: is this request of the platform, and what does it say? */
import { webhookBodySchema } from './schemas/webhooks.ts';
import type { z } from 'zod';

/** A request as it came. The body's exact bytes: JSON that was parsed and written anew has another signature. */
export interface WebhookRequest {
  body: Uint8Array<ArrayBuffer>;
  headers: { get(name: string): string | null };
}

/** The request is not of the platform, or too old. Answer 400, and do nothing. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

/** A repetition by somebody who has listened is refused after this. */
const TOLERANCE_S = 300;
const SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/;

/**
 * Checks the signature (Standard Webhooks, v1) and the time, and reads the body. Throws `WebhookRefused`. `secret`: `whsec_…`;
 * `nowMs`: the receiver's clock. The same `id` may come again: keep the ids that were worked on.
 */
export async function verifyWebhook(
  { body, headers }: WebhookRequest,
  { secret, nowMs }: { secret: string; nowMs: number },
): Promise<{ id: string; event: z.output<typeof webhookBodySchema> }> {
  if (!SECRET.test(secret)) throw new TypeError('Expected a secret that begins with whsec_, got something else.');
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  const signatures = headers.get('webhook-signature');
  if (id === null || timestamp === null || signatures === null)
    throw new WebhookRefused('Expected the headers webhook-id, webhook-timestamp and webhook-signature.');
  if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_S)
    throw new WebhookRefused(`Expected a webhook-timestamp within ${TOLERANCE_S} seconds of now, got another one.`);
  const key = await crypto.subtle.importKey(
    'raw',
    bytesOf(secret.slice('whsec_'.length)),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  for (const each of signatures.split(' ')) {
    const signature = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(each)?.[1];
    if (signature !== undefined && (await crypto.subtle.verify('HMAC', key, bytesOf(signature), signed)))
      return { id, event: webhookBodySchema.decode(JSON.parse(new TextDecoder().decode(body)) as never) };
  }
  throw new WebhookRefused('Expected a signature by this secret, got none: another secret, or a changed body.');
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
