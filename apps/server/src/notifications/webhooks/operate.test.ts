import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { verifyWebhook } from '@jigeum/api';
import type { IdempotentCall, StoredAnswer } from '#platform';
import { auditOf } from '#testing';
import { createAddressGuard } from './address-guard.ts';
import {
  addWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  removeWebhook,
  retryWebhook,
  rotateWebhook,
} from './operate.ts';
import { keyOf } from './sign.ts';
import { sweepWebhooks } from './sweep.ts';
import { createWebhookDeps, startReceiver, transferId, type Receiver, type WebhookTestDeps } from './testing.ts';

const [SECOND, DAY] = [1_000, 86_400_000];

let deps: WebhookTestDeps;
let till: Receiver;
beforeEach(async () => {
  [deps, till] = await Promise.all([createWebhookDeps(), startReceiver()]);
});
afterEach(async () => {
  await Promise.all([deps.database.drop(), till.close()]);
});

const callOf = <R extends 'operatorRemoveWebhook' | 'operatorRetryWebhook' | 'operatorRedeliver'>(
  route: R,
  key = deps.ids.uuid(deps.clock.nowMs()),
): IdempotentCall<R> => ({ route, actor: 'operator', key, bodyHash: new Uint8Array(32) });
const bodyOf = (answer: StoredAnswer): unknown => JSON.parse(answer.text);
const page = { cursor: undefined, limit: 20 };
const rowOf = async (n: number) => (await deps.rows()).find(({ subject_id: id }) => id === transferId(n))!;

/** Everything that the database holds, as text. */
async function databaseText(): Promise<string> {
  const tables = ['webhook_endpoints', 'webhook_secrets', 'webhook_deliveries', 'audit_log', 'idempotency_keys'];
  const texts = await Promise.all(
    tables.map((table) =>
      sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql.table(table)} t`.execute(deps.db),
    ),
  );
  return texts.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n');
}

describe('an endpoint', () => {
  test('is added with a secret of its own, which the database has only sealed', async () => {
    const added = await deps.add(till.url);
    expect(added).toEqual({
      ...{ webhookId: added.webhookId, url: till.url, createdAt: '2026-01-01T00:00:00.000Z', removedAt: null },
      ...{ state: 'working', failingSince: null, nextTryAt: null, pending: 0, givenUp: 0, oldSecretsUntil: null },
      secret: added.secret,
    });
    expect(added.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    await deps.tell(1);
    await deps.deliver();
    const text = await databaseText();
    const key = Buffer.from(keyOf(added.secret));
    for (const form of [added.secret.slice(6), key.toString('hex')]) expect(text).not.toContain(form);
    expect(text).toContain(added.webhookId);
    expect(await auditOf(deps, added.webhookId)).toEqual([
      `operator webhook.added {"origin":"http://127.0.0.1:${till.port}"}`,
    ]);
  });

  test('of another database is not signed for: its secret is bound to it', async () => {
    const [first, second] = [await deps.add(till.url), await deps.add(`${till.url}/2`)];
    await sql`update webhook_secrets set signs_until = now() where endpoint_id = ${second.webhookId}`.execute(deps.db);
    await sql`
      insert into webhook_secrets select ${second.webhookId}, 2, sealed, made_at from webhook_secrets
      where endpoint_id = ${first.webhookId}
    `.execute(deps.db);
    await deps.tell(1);
    await deps.deliver();
    expect(till.received).toHaveLength(1);
    const [{ headers, body }] = till.received as [Receiver['received'][0]];
    const request = { body: new TextEncoder().encode(body), headers: new Headers(headers) };
    expect(await verifyWebhook(request, { secret: first.secret, nowMs: deps.clock.nowMs() })).toBeDefined();
  });

  test.each([
    ['http://till.example/', 'Expected https'],
    ['https://169.254.169.254/', '169.254.169.254 is not a public one'],
    ['https://a:b@till.example/', 'without a user'],
  ])('%s is refused', async (url, reason) => {
    const strict = { ...deps, config: { ...deps.config, webhookNetworks: [] } };
    await expect(addWebhook(strict, { url })).rejects.toThrow(reason);
    expect((await listWebhooks(deps, { ...page, state: 'all' })).items).toEqual([]);
  });

  test('is refused where its name resolves to this network', async () => {
    const guard = createAddressGuard([], async () => [{ address: '10.0.0.7', family: 4 }]);
    await expect(addWebhook(deps, { url: 'https://till.example/' }, guard)).rejects.toThrow('10.0.0.7 is not a public');
  });

  test('is refused where it is there already', async () => {
    await deps.add(till.url);
    await expect(deps.add(till.url)).rejects.toThrow('Expected an address that is no endpoint yet');
  });

  test('that is removed gets nothing more, and what was pending is given up', async () => {
    const { webhookId } = await deps.add(till.url);
    await deps.tell(1);
    const call = callOf('operatorRemoveWebhook');
    const answer = await removeWebhook(deps, { idempotency: call, webhookId });
    expect(bodyOf(answer)).toMatchObject({ state: 'removed', pending: 0, givenUp: 1 });
    expect(await removeWebhook(deps, { idempotency: call, webhookId })).toMatchObject({
      text: answer.text,
      isReplay: true,
    });
    await deps.tell(2);
    await deps.deliver();
    expect(till.received).toEqual([]);
    expect(await deps.rows()).toMatchObject([{ state: 'given_up', last_error: 'The endpoint was removed.' }]);
    expect(await deps.db.selectFrom('webhook_secrets').selectAll().execute()).toEqual([]);
    expect((await auditOf(deps, webhookId)).at(-1)).toBe(
      `operator webhook.removed {"givenUp":1,"origin":"http://127.0.0.1:${till.port}"}`,
    );
    await expect(
      removeWebhook(deps, { idempotency: callOf('operatorRemoveWebhook'), webhookId }),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    const { id } = await rowOf(1);
    await expect(redeliver(deps, { idempotency: callOf('operatorRedeliver'), deliveryId: id })).rejects.toMatchObject({
      code: 'not-found',
    });
    // Its address may come back, as another endpoint.
    expect((await deps.add(till.url)).webhookId).not.toBe(webhookId);
  });
});

describe('a new secret', () => {
  const signaturesOf = (receiver: Receiver) => receiver.received.at(-1)!.headers['webhook-signature']!.split(' ');
  const isSigned = async (secret: string) => {
    const { body, headers } = till.received.at(-1)!;
    const request = { body: new TextEncoder().encode(body), headers: new Headers(headers) };
    return await verifyWebhook(request, { secret, nowMs: deps.clock.nowMs() }).then(
      () => true,
      () => false,
    );
  };

  test('signs beside the old one for a day, and then alone', async () => {
    const { webhookId, secret: old } = await deps.add(till.url);
    const { secret, oldSecretsUntil } = await rotateWebhook(deps, { webhookId });
    expect(secret).not.toBe(old);
    expect(oldSecretsUntil).toBe('2026-01-02T00:00:00.000Z');
    await deps.tell(1);
    await deps.deliver();
    expect(signaturesOf(till)).toHaveLength(2);
    expect([await isSigned(old), await isSigned(secret)]).toEqual([true, true]);
    deps.clock.advance(DAY + SECOND);
    await deps.tell(2);
    await deps.deliver();
    expect(signaturesOf(till)).toHaveLength(1);
    expect([await isSigned(old), await isSigned(secret)]).toEqual([false, true]);
    await sweepWebhooks(deps);
    expect(await deps.db.selectFrom('webhook_secrets').select('number').execute()).toEqual([{ number: 2 }]);
    expect((await auditOf(deps, webhookId)).at(-1)).toBe(
      'operator webhook.rotated {"oldSecretsUntil":"2026-01-02T00:00:00.000Z","secret":2}',
    );
  });

  test('whose answer was lost may be asked for again: the one that the receiver has goes on', async () => {
    const { webhookId, secret: known } = await deps.add(till.url);
    await rotateWebhook(deps, { webhookId });
    const { secret } = await rotateWebhook(deps, { webhookId });
    await deps.tell(1);
    await deps.deliver();
    expect([await isSigned(known), await isSigned(secret)]).toEqual([true, true]);
  });

  test('is refused while five sign, and changes nothing', async () => {
    const { webhookId } = await deps.add(till.url);
    for (let count = 2; count <= 5; count++) await rotateWebhook(deps, { webhookId });
    await expect(rotateWebhook(deps, { webhookId })).rejects.toThrow('Expected 5 secrets at most');
    expect(await deps.db.selectFrom('webhook_secrets').select('number').execute()).toHaveLength(5);
  });
});

describe('an operator', () => {
  test('sees why a delivery has not arrived', async () => {
    const { webhookId } = await deps.add(till.url);
    await deps.tell(1);
    await deps.tell(2);
    till.answerBy((_, response, count) => void response.writeHead(count === 1 ? 410 : 204).end());
    await deps.deliver();
    const { items } = await listDeliveries(deps, { ...page, webhookId, state: 'open' });
    expect(items).toMatchObject([
      {
        ...{ webhookId, url: till.url, type: 'payment.final', sequence: 1, state: 'pending', attempts: 1 },
        ...{ lastStatus: 410, lastError: 'Answered 410 instead of 2xx.', endedAt: null },
      },
    ]);
    const all = await listDeliveries(deps, { ...page, webhookId: undefined, state: 'all' });
    expect(all.items.map(({ state }) => state).toSorted()).toEqual(['delivered', 'pending']);
    const first = await listDeliveries(deps, { cursor: undefined, limit: 1, webhookId, state: 'all' });
    const second = await listDeliveries(deps, { cursor: first.nextCursor!, limit: 1, webhookId, state: 'all' });
    expect([...first.items, ...second.items]).toEqual(all.items);
  });

  test('has a delivery sent again that has arrived: the same id and bytes', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    await deps.deliver();
    const { id } = await rowOf(1);
    const call = callOf('operatorRedeliver');
    const answer = await redeliver(deps, { idempotency: call, deliveryId: id });
    expect(bodyOf(answer)).toMatchObject({ deliveryId: id, state: 'pending' });
    await deps.deliver();
    expect(await redeliver(deps, { idempotency: call, deliveryId: id })).toMatchObject({
      text: answer.text,
      isReplay: true,
    });
    await deps.deliver();
    expect(till.received).toHaveLength(2);
    expect(new Set(till.received.map(({ body, headers }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    expect(await auditOf(deps, id)).toEqual([
      `operator webhook.redelivered {"before":"delivered","endpoint":"${(await rowOf(1)).endpoint_id}"}`,
    ]);
  });

  test('has everything tried again that was given up or waits, also at a broken endpoint', async () => {
    const { webhookId } = await deps.add(till.url);
    till.answerWith(500);
    await deps.tell(1);
    await deps.tell(2);
    for (let round = 0; round < 20; round++) {
      await deps.deliver();
      deps.clock.advance(DAY / 2);
    }
    await deps.tell(3);
    await deps.deliver();
    expect((await deps.rows()).map(({ state }) => state).toSorted()).toEqual(['given_up', 'given_up', 'pending']);
    till.answerWith(204);
    await deps.deliver();
    const answer = await retryWebhook(deps, { idempotency: callOf('operatorRetryWebhook'), webhookId });
    expect(bodyOf(answer)).toMatchObject({ isComplete: true });
    await deps.deliver();
    expect((await deps.rows()).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
    expect((await auditOf(deps, webhookId)).at(-1)).toMatch(/^operator webhook.retried \{"deliveries":[23]\}$/);
  });
});

describe('the sweep', () => {
  test('forgets what arrived a month ago, and nothing that is pending or given up', async () => {
    const { webhookId } = await deps.add(till.url);
    await deps.tell(1);
    await deps.deliver();
    till.answerWith(500);
    await deps.tell(2);
    for (let round = 0; round < 20; round++) {
      await deps.deliver();
      deps.clock.advance(DAY / 2);
    }
    await deps.tell(3);
    const subjects = async () => (await deps.rows()).map(({ subject_id: id, state }) => [id, state]);
    deps.clock.advance(19 * DAY);
    await sweepWebhooks(deps);
    const kept = [
      [transferId(2), 'given_up'],
      [transferId(3), 'pending'],
    ];
    expect(await subjects()).toEqual([[transferId(1), 'delivered'], ...kept]);
    deps.clock.advance(DAY + SECOND);
    await sweepWebhooks(deps);
    expect(await subjects()).toEqual(kept);
    deps.clock.advance(365 * DAY);
    await sweepWebhooks(deps);
    expect(await subjects()).toEqual(kept);
    await removeWebhook(deps, { idempotency: callOf('operatorRemoveWebhook'), webhookId });
    deps.clock.advance(31 * DAY);
    await sweepWebhooks(deps);
    expect(await subjects()).toEqual([]);
  });

  test('ends what was written for an endpoint while it was being removed', async () => {
    const { webhookId } = await deps.add(till.url);
    await deps.tell(1);
    await sql`update webhook_endpoints set disabled_at = ${new Date(deps.clock.nowMs())} where id = ${webhookId}`.execute(
      deps.db,
    );
    await sweepWebhooks(deps);
    expect(await deps.rows()).toMatchObject([{ state: 'given_up', last_error: 'The endpoint was removed.' }]);
  });
});

describe('the database', () => {
  test('refuses to delete what is pending, and to change what was written', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    await expect(sql`delete from webhook_deliveries`.execute(deps.db)).rejects.toThrow(
      'is pending and cannot be deleted',
    );
    for (const change of ["body = 'x'", "type = 'a.b'", 'sequence = 2', 'id = gen_random_uuid()'])
      await expect(sql`update webhook_deliveries set ${sql.raw(change)}`.execute(deps.db)).rejects.toThrow(
        'permission denied',
      );
    await expect(sql`delete from webhook_endpoints`.execute(deps.db)).rejects.toThrow('permission denied');
  });
});
