import type { DeliveryView, WebhookView } from '@jigeum/api';
import { expect, test } from 'vitest';
import { deliveryText, secretText, webhookText } from './webhooks.ts';

const webhook: WebhookView = {
  ...{ webhookId: '0190c0de-0000-7000-8000-000000000001', url: 'https://till.example/hooks' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', removedAt: null, state: 'broken', pending: 12, givenUp: 1 },
  ...{ failingSince: '2026-01-01T01:00:00.000Z', nextTryAt: '2026-01-01T01:05:00.000Z' },
};
const delivery: DeliveryView = {
  ...{ deliveryId: '0190c0de-0000-8000-8000-000000000002', webhookId: webhook.webhookId, url: webhook.url },
  ...{ type: 'payment.final', transferId: '0190c0de-0000-7000-8000-000000000003', sequence: 1 },
  ...{ state: 'pending', attempts: 3, lastStatus: 500, lastError: 'Answered 500 instead of 2xx.' },
  ...{ nextAttemptAt: '2026-01-01T01:05:00.000Z', createdAt: '2026-01-01T00:00:00.000Z', endedAt: null },
};

test('shows how an endpoint stands and what has not arrived', () => {
  expect(webhookText(webhook)).toBe(`https://till.example/hooks
  webhook   0190c0de-0000-7000-8000-000000000001
  state     broken, since 2026-01-01T01:00:00.000Z, next try 2026-01-01T01:05:00.000Z
  not arrived: 12 pending, 1 given up`);
  const removed = { ...webhook, state: 'removed', removedAt: '2026-01-02T00:00:00.000Z' } as const;
  expect(webhookText(removed)).toContain('removed, 2026-01-02T00:00:00.000Z\n');
});

test('shows a secret once, and how long the old ones go on', () => {
  const text = secretText({ ...webhook, secret: 'whsec_YQ==', oldSecretsUntil: '2026-01-02T00:00:00.000Z' });
  expect(text).toContain(`  secret    whsec_YQ==

Give the secret to the receiver now: it is not shown again.
The secrets before it sign as well until 2026-01-02T00:00:00.000Z.`);
  expect(secretText({ ...webhook, secret: 'whsec_YQ==', oldSecretsUntil: null })).toMatch(/not shown again\.$/);
});

test('shows why a delivery has not arrived', () => {
  expect(deliveryText(delivery))
    .toBe(`payment.final  0190c0de-0000-7000-8000-000000000003  to https://till.example/hooks
  delivery  0190c0de-0000-8000-8000-000000000002
  state     pending, next try 2026-01-01T01:05:00.000Z
  tries     3, the last was answered 500
  problem   Answered 500 instead of 2xx.`);
  const arrived: DeliveryView = {
    ...delivery,
    state: 'delivered',
    ...{ lastStatus: 204, lastError: null, nextAttemptAt: null, endedAt: '2026-01-01T02:00:00.000Z' },
  };
  expect(deliveryText(arrived)).toMatch(
    /state {5}delivered, 2026-01-01T02:00:00.000Z\n {2}tries {5}3, the last was answered 204$/,
  );
});
