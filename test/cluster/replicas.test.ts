/** Four servers on one database are one server: whichever a request reaches, and while they are restarted one after the other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiProblem, createApiClient, type ApiClient } from '@jigeum/api';
import { createChecker, type Checker } from '../faults/checker/checker.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { codeOf, saysLater } from './payments.ts';
import type { Person } from './people.ts';
import { until } from './until.ts';

const WON = 10n ** 18n;
const LOGINS_MAX = 60;
/** Each test has people of its own: a PIN that is stopped stays so. */
const [EVENTS, JOBS, SESSION, PIN, PASSPHRASE, LOAD] = [0, 2, 4, 5, 6, 8] as const;

let cluster: Cluster;
let checker: Checker;

beforeAll(async () => {
  cluster = await startCluster({ replicas: 4, people: 20, serverEnv: { LOGINS_PER_ADDRESS: String(LOGINS_MAX) } });
  checker = createChecker({
    databaseUrl: cluster.postgres.ownerUrl,
    rpcUrl: cluster.node.rpcUrl,
    serverKey: cluster.folder.serverKey,
  });
});
afterAll(async () => {
  await cluster?.stop();
});

const apiOf = (url: string, person?: Person): ApiClient =>
  createApiClient({ baseUrl: url, headers: () => (person === undefined ? {} : { cookie: person.cookie }) });

/** What it resolved to, or the code of the refusal. */
async function codeOfCall(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    if (error instanceof ApiProblem) return error.problem.code;
    throw error;
  }
}

const order = (from: number, to: number, pin?: string) => ({
  key: cluster.newKey(),
  payer: cluster.people[from]!,
  payee: cluster.people[to]!,
  amount: WON,
  ...(pin === undefined ? {} : { pin }),
});

test('a payment that one server has accepted is told live by another one', async () => {
  const listening = new AbortController();
  const { cookie } = cluster.people[EVENTS + 1]!;
  const response = await fetch(`${cluster.urls[3]!}/v1/events`, { headers: { cookie }, signal: listening.signal });
  expect(response.status).toBe(200);
  let told = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) told += decoder.decode(chunk as Uint8Array, { stream: true });
  })();
  const payment = order(EVENTS, EVENTS + 1);
  expect(await cluster.payments.askUntilSettled([cluster.urls[0]!], payment)).toMatchObject({ status: 202 });
  await until('the payment to be told as final', async () =>
    told.includes(payment.key) && /"state":"final"/.test(told) ? true : undefined,
  );
  listening.abort();
  await expect(reading).rejects.toThrow();
});

test('what a server had accepted when it was killed, the others bring to its end', async () => {
  const [replica] = cluster.replicas;
  const payment = order(JOBS, JOBS + 1);
  expect(await cluster.payments.askUntilSettled([replica!.url], payment)).toMatchObject({ status: 202 });
  await replica!.kill();
  await until('the payment to be final', async () => {
    const { rows } = await cluster.owner.query("select from transfers where id = $1 and state = 'final'", [
      payment.key,
    ]);
    return rows.length > 0 || undefined;
  });
  await replica!.start();
});

test('whoever logs out at one server is logged out at all', async () => {
  const person = cluster.people[SESSION]!;
  for (const url of cluster.urls) expect(await codeOfCall(apiOf(url, person).call('me', {}))).toBe('done');
  await apiOf(cluster.urls[1]!, person).call('logout', {});
  for (const url of cluster.urls) expect(await codeOfCall(apiOf(url, person).call('me', {}))).toBe('not-logged-in');
});

test('forty wrong PINs at once, spread over the servers, are five tries; then the right one is refused everywhere', async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      cluster.payments.ask(cluster.urls[index % 4]!, order(PIN, LOAD, '000000')),
    ),
  );
  const codes = answers.map((answer) => (answer.kind === 'answered' ? codeOf(answer.text) : 'no answer'));
  // The fifth wrong PIN is evaluated, and answered as the one that stops.
  expect(codes.filter((code) => code === 'pin-wrong')).toHaveLength(4);
  expect(codes.filter((code) => code === 'pin-stopped')).toHaveLength(36);
  for (const url of cluster.urls) {
    const answer = await cluster.payments.ask(url, order(PIN, LOAD));
    expect(answer.kind === 'answered' && codeOf(answer.text)).toBe('pin-stopped');
  }
});

test('twenty wrong passphrases at once, spread over the servers, are five tries; then the right one is refused everywhere', async () => {
  const person = cluster.people[PASSPHRASE]!;
  const logIn = (url: string, passphrase: string): Promise<string> =>
    codeOfCall(
      apiOf(url).call('login', {
        body: { memberId: person.memberId },
        secrets: { passphrase: new TextEncoder().encode(passphrase) },
      }),
    );
  const codes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => logIn(cluster.urls[index % 4]!, `a wrong passphrase ${index}`)),
  );
  expect(codes.filter((code) => code === 'login-refused')).toHaveLength(4);
  expect(codes.filter((code) => code === 'login-stopped')).toHaveLength(16);
  for (const url of cluster.urls) expect(await logIn(url, person.passphrase)).toBe('login-stopped');
});

/** The hour in which log-ins are counted now, and how many of this address it has. */
async function loginsCounted(): Promise<{ hour: number; hits: number }> {
  const { rows } = await cluster.owner.query<{ hour: number; hits: number }>(`
    select hour::int as hour, coalesce((
      select sum(hits)::int from rate_counts where scope = 'login' and window_start = to_timestamp(hour * 3600)
    ), 0) as hits
    from (select floor(extract(epoch from clock_timestamp()) / 3600) as hour)
  `);
  return rows[0]!;
}

/** Logs in at one server after the other; how often before it was refused for the number of tries. */
async function loginsUntilLimited(): Promise<number> {
  for (let count = 0; count <= LOGINS_MAX; count++) {
    const code = await codeOfCall(
      apiOf(cluster.urls[count % 4]!).call('login', {
        body: { memberId: cluster.people[PASSPHRASE]!.memberId },
        secrets: { passphrase: new TextEncoder().encode('a wrong passphrase') },
      }),
    );
    if (code === 'rate-limited') return count;
  }
  return Infinity;
}

test('a limit for one address is one limit for all servers', async () => {
  for (;;) {
    const before = await loginsCounted();
    const allowed = await loginsUntilLimited();
    // A new hour counts from nothing: what was allowed around its begin says nothing.
    if ((await loginsCounted()).hour !== before.hour) continue;
    expect(allowed).toBe(Math.max(0, LOGINS_MAX - before.hits));
    return;
  }
});

test('a restart of all servers, one after the other under load, loses nothing and answers no error', async () => {
  const before = cluster.payments.answers.length;
  const payers = cluster.people.slice(LOAD);
  let isOver = false;
  const running = payers.map(async (payer, index) => {
    const accepted: string[] = [];
    for (let turn = index; !isOver; turn++) {
      const payment = { ...order(LOAD, LOAD), payer, payee: payers[(index + 1) % payers.length]! };
      const urls = [...cluster.urls.slice(turn % 4), ...cluster.urls.slice(0, turn % 4)];
      const answer = await cluster.payments.askUntilSettled(urls, payment);
      if (answer.kind === 'answered' && answer.status === 202) accepted.push(payment.key);
      await new Promise((resume) => setTimeout(resume, 100));
    }
    return accepted;
  });
  for (const replica of cluster.replicas) {
    await replica.kill('SIGTERM');
    await replica.start();
  }
  isOver = true;
  const accepted = (await Promise.all(running)).flat();
  await cluster.untilDrained();

  const answers = cluster.payments.answers.slice(before);
  const errors = answers.filter(
    ({ answer }) =>
      answer.kind === 'answered' && answer.status !== 202 && !(saysLater(answer) && answer.retryAfterS !== null),
  );
  expect(errors).toEqual([]);
  expect(accepted.length).toBeGreaterThan(payers.length);
  const { rows } = await cluster.owner.query("select from transfers where id = any($1::uuid[]) and state = 'final'", [
    accepted,
  ]);
  expect(rows).toHaveLength(accepted.length);
  expect(cluster.replicas.flatMap((replica) => replica.unaskedEnds())).toEqual([]);
  const { violations } = await checker.check({ answers: cluster.payments.answers, isDrained: true, isFull: true });
  expect(violations).toEqual([]);
});
