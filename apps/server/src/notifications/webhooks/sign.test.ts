import { expect, test } from 'vitest';
import { verifyWebhook } from '@jigeum/api';
import { seededIds } from '@jigeum/std';
import { keyOf, newSecret, signedHeaders } from './sign.ts';

/** The example of the Standard Webhooks libraries. */
const published = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  nowMs: 1_614_265_330_000,
  body: Buffer.from('{"test": 2432232314}'),
};

test('signs as the published example of Standard Webhooks does', () => {
  const { secret, id, nowMs, body } = published;
  expect(signedHeaders({ id, body }, { keys: [keyOf(secret)], nowMs })).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('while a secret is changed, a receiver with either one knows the request', async () => {
  const ids = seededIds('two secrets');
  const [old, young, strange] = [newSecret({ ids }), newSecret({ ids }), newSecret({ ids })];
  const { tellsOf, body } = someEvent();
  const headers = new Headers(signedHeaders({ id: 'a', body }, { keys: [keyOf(young), keyOf(old)], nowMs: 5_000 }));
  for (const secret of [old, young])
    expect((await verifyWebhook({ body, headers }, { secret, nowMs: 6_000 })).event.data.transferId).toBe(tellsOf);
  await expect(verifyWebhook({ body, headers }, { secret: strange, nowMs: 6_000 })).rejects.toThrow(
    'Expected a signature',
  );
});

test('a receiver refuses a changed body, another id, another time and an old request', async () => {
  const secret = newSecret({ ids: seededIds('one secret') });
  const { body } = someEvent();
  const signed = signedHeaders({ id: 'a', body }, { keys: [keyOf(secret)], nowMs: 1_000_000 });
  const verify = (changes: Record<string, string>, changed: Uint8Array<ArrayBuffer> = body, nowMs = 1_000_000) =>
    verifyWebhook({ body: changed, headers: new Headers({ ...signed, ...changes }) }, { secret, nowMs });
  expect((await verify({})).id).toBe('a');
  await expect(verify({}, new Uint8Array(Buffer.from(`${Buffer.from(body).toString()} `)))).rejects.toThrow(
    'Expected a signature',
  );
  await expect(verify({ 'webhook-id': 'b' })).rejects.toThrow('Expected a signature');
  await expect(verify({ 'webhook-timestamp': '1001' })).rejects.toThrow('Expected a signature');
  await expect(verify({}, body, 1_301_000)).rejects.toThrow('within 300 seconds');
});

function someEvent(): { tellsOf: string; body: Uint8Array<ArrayBuffer> } {
  const tellsOf = '0190c0de-0000-7000-8000-000000000001';
  const data = {
    ...{
      transferId: tellsOf,
      kind: 'payment',
      state: 'final',
      sequence: 1,
      tokenId: tellsOf,
      token: 'EST',
      amount: '7',
    },
    ...{ payerWalletId: tellsOf, payeeWalletId: tellsOf },
  };
  const text = JSON.stringify({ type: 'payment.final', timestamp: '2026-01-01T00:00:00.000Z', data });
  return { tellsOf, body: new TextEncoder().encode(text) };
}
