/** Payments between members through the HTTP API of a whole throw-away instance, against a bare server that takes the same requests. */
import { createApiClient, type CallInput } from '@jigeum/api';
import { systemClock } from '@jigeum/std';
import type pg from 'pg';
import { createPerson, newKey, type Person } from '../../apps/cli/src/person.ts';
import { startInstance, type TestInstance } from '../../test/instance.ts';
import type { BenchSetting } from '../bench-case.ts';
import { startChild } from '../child.ts';
import type { LoadRequest, LoadTarget } from '../load/generator.ts';
import { pairCase, type StartedPair } from '../pair-case.ts';
import type { FurtherSamples } from '../report.ts';

export const transfersSmall = pairCase({
  name: 'transfers-small',
  explains: 'payments accepted by the HTTP API, each payer on one connection, against a bare node:http server',
  secondsDefault: 10,
  connectionsDefault: 10,
  // Each joins by an identity check, of which an address may start 60 in an hour.
  connectionsMax: 50,
  start,
});

/** More than the longest run can spend at 1 won a payment. */
const CHARGE_WON = 1_000_000n;
/** EST has 18 decimals: 1 won. */
const PAY_BASE = 10n ** 18n;
const DRAINED_WITHIN_MS = 60_000;
const POLL_MS = 100;
const KEY_HEADER = 'idempotency-key';
const ACCEPTED = 202;

async function start({ connections: payers, closing }: BenchSetting): Promise<StartedPair> {
  const instance = await startInstance();
  closing.defer(instance.stop);
  const owner = await instance.connectOwner();
  closing.defer(() => owner.end());
  const people = await joinPeople(instance, payers);
  const requests: LoadRequest[] = [];
  // Everyone pays the next one, so that no single payee is the limit.
  for (const [index, person] of people.entries())
    requests.push(await paymentRequest(instance, person, people[(index + 1) % people.length]!));
  const target: Omit<LoadTarget, 'origin'> = {
    kind: 'same',
    requests,
    freshKeyHeader: KEY_HEADER,
    expectedStatus: ACCEPTED,
  };

  const answer = await firstAnswer(instance.places.webUrl, requests[0]!);
  const bare = await startChild<{ origin: string }>(new URL('../programs/bare-server.ts', import.meta.url), [
    ...[String(ACCEPTED), answer.contentType, answer.text],
  ]);
  closing.defer(bare.stop);
  let acceptedBefore = 0;
  return {
    reference: { name: 'bare node:http', target: { ...target, origin: bare.ready.origin } },
    measured: {
      name: 'platform',
      target: { ...target, origin: new URL(instance.places.webUrl).origin },
      settle: () => untilDrained(owner),
    },
    begin: async () => {
      acceptedBefore = (await durations(owner)).length;
    },
    finish: async (goodAnswers): Promise<readonly FurtherSamples[]> => {
      const samplesMs = (await durations(owner)).subarray(acceptedBefore);
      // More is no contradiction: a payment may be accepted and its answer be lost.
      if (samplesMs.length < goodAnswers)
        throw new Error(`Expected ${goodAnswers} accepted payments to be final, got ${samplesMs.length}.`);
      return [{ name: 'accepted to final', samplesMs }];
    },
  };
}

/** Members with a charged and unlocked wallet each, and gas for their first payment. */
async function joinPeople(instance: TestInstance, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, (_, index) =>
    createPerson(instance.places, {
      ...{ name: '김보냄', sexDigit: '2', passphrase: 'a passphrase to measure', pin: '190725' },
      // The agency tells people apart by name and birth date.
      birthDate: `90${twoDigits(1 + Math.floor(index / 28))}${twoDigits(1 + (index % 28))}`,
      phone: `0105555${String(index).padStart(4, '0')}`,
      memberId: `payer${String(index).padStart(3, '0')}`,
    }),
  );
  // One after the other: each derives a key, which takes a core.
  for (const person of people) await person.join();
  await Promise.all(people.map((person) => person.charge(CHARGE_WON)));
  return people;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** The request that the API's own client would send, with the member's cookies, to be sent with a new key each time. */
async function paymentRequest(instance: TestInstance, payer: Person, payee: Person): Promise<LoadRequest> {
  const { payeeId, maskedName } = await payer.api.call('resolvePayee', {
    body: { by: 'member-id', value: payee.facts.memberId },
  });
  const input: CallInput<'requestTransfer'> = {
    idempotencyKey: newKey(),
    body: { payeeId, maskedName, token: 'EST', amount: PAY_BASE, memo: '' },
    secrets: { pin: new TextEncoder().encode(payer.facts.pin) },
  };
  let captured: LoadRequest | undefined;
  const client = createApiClient({
    baseUrl: instance.places.webUrl,
    fetch: async (url, init) => {
      const request = new Request(url, init);
      const { [KEY_HEADER]: _, ...headers } = Object.fromEntries(request.headers);
      captured = {
        path: new URL(request.url).pathname,
        headers: { ...headers, cookie: [...payer.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        body: new Uint8Array(await request.arrayBuffer()),
      };
      throw new Error('The request is kept, not sent.');
    },
  });
  // It always rejects: nothing was sent.
  await client.call('requestTransfer', input).catch((error: unknown) => {
    if (captured === undefined) throw error;
  });
  if (captured === undefined) throw new Error('Expected a request for a payment, got none.');
  return captured;
}

/** What the platform answers to a payment: the bare server answers the same. */
async function firstAnswer(webUrl: string, request: LoadRequest): Promise<{ contentType: string; text: string }> {
  const response = await fetch(new URL(request.path, webUrl), {
    method: 'POST',
    headers: { ...request.headers, [KEY_HEADER]: newKey() },
    body: Buffer.from(request.body),
  });
  const text = await response.text();
  if (response.status !== ACCEPTED)
    throw new Error(`Expected status ${ACCEPTED} for a payment, got ${response.status}: ${text}`);
  return { contentType: response.headers.get('content-type') ?? 'application/json', text };
}

/** Every payment has become final. Throws when one was reverted or takes too long. */
async function untilDrained(owner: pg.Client): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DRAINED_WITHIN_MS;
  for (;;) {
    const { rows } = await owner.query<{ state: string; count: number }>(
      `select state, count(*)::int as count from transfers where state <> 'final' group by state`,
    );
    if (rows.length === 0) return;
    if (rows.some(({ state }) => state === 'reverted') || systemClock.monotonicMs() > deadlineMs)
      throw new Error(
        `Expected every payment to be final within ${DRAINED_WITHIN_MS / 1000} s, got ${JSON.stringify(rows)}.`,
      );
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** Of all final payments in the order in which they were asked for: milliseconds from then to final, by the server's clock. */
async function durations(owner: pg.Client): Promise<Float64Array> {
  const { rows } = await owner.query<{ ms: number }>(
    `select extract(epoch from final_at - requested_at)::float8 * 1000 as ms from transfers
     where kind = 'payment' and state = 'final' order by requested_at, id`,
  );
  return Float64Array.from(rows, ({ ms }) => ms);
}
