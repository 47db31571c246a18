/** The adapters against the simulators as they run: real programs, real HTTP. */
import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fakeClock, systemClock } from '@jigeum/std';
import { createBankGateway } from './bank.ts';
import { createIdentityAgency } from './identity-agency.ts';

const SIMULATORS = fileURLToPath(new URL('../../../simulators/src/', import.meta.url));
const SECRET = 'shared secret of a test';

let dir: string;
let secretFile: string;
let sms: string;
let agency: string;
let bank: string;
const children: ChildProcess[] = [];
/** What the bank has told the platform; the first two answers are 503. */
const notices: { body: Buffer; signature: string | undefined }[] = [];
let platform: Server;

async function run(name: string, args: string[]): Promise<string> {
  const child = fork(join(SIMULATORS, `${name}.ts`), ['--port', '0', '--secret-file', secretFile, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'jigeum-adapters-'));
  secretFile = join(dir, 'secret');
  writeFileSync(secretFile, `${SECRET}\n`);
  platform = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = request.headers['x-bank-signature'];
      notices.push({ body: Buffer.concat(chunks), signature: typeof signature === 'string' ? signature : undefined });
      response.writeHead(notices.length <= 2 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
  const noticeUrl = `http://127.0.0.1:${(platform.address() as AddressInfo).port}/v1/bank/notices`;
  [sms, bank] = await Promise.all([
    run('sms', []),
    run('bank', ['--notice-url', noticeUrl, '--data', join(dir, 'bank.jsonl')]),
  ]);
  agency = await run('agency', ['--sms-url', sms, '--sms-secret-file', secretFile]);
});
afterAll(async () => {
  const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  // As when the supervisor dies: the channel closes, and nothing stays behind.
  for (const child of children) child.disconnect();
  await Promise.all(ended);
  await new Promise((resolve) => platform.close(resolve));
  rmSync(dir, { recursive: true });
});

const claim = (name: string, phone = '01055550001') => ({
  name,
  phone,
  identityNumber: '9001011',
  carrier: 'SKT',
});
const newestCode = async (phone: string) => {
  const response = await fetch(`${sms}/inbox?to=${phone}`);
  const { messages } = (await response.json()) as { messages: { text: string }[] };
  return /\b([0-9]{6})\b/.exec(messages[0]?.text ?? '')?.[1] ?? '';
};

describe('the identity agency', () => {
  const client = (secret = SECRET) => createIdentityAgency({ url: agency, secret, channelKey: 'test' });
  let count = 0;
  const ref = () => `check-${++count}`;

  test('sends a code by SMS and verifies it; one person has one CI, whatever the phone', async () => {
    const cis: string[] = [];
    for (const phone of ['01055550011', '01055550012']) {
      const id = ref();
      expect(await client().send(id, claim('홍길동', phone))).toEqual({ kind: 'sent' });
      expect(await client().ask(id)).toEqual({ kind: 'pending' });
      const outcome = await client().confirm(id, await newestCode(phone));
      if (outcome.kind !== 'verified') throw new Error(outcome.kind);
      cis.push(Buffer.from(outcome.ci).toString());
      expect(await client().ask(id)).toEqual(outcome);
      // The answer was lost and we confirm again.
      expect(await client().confirm(id, '000000')).toEqual(outcome);
    }
    expect(cis[0]).toHaveLength(88);
    expect(cis[0]).toBe(cis[1]);
    const other = ref();
    await client().send(other, claim('김철수', '01055550013'));
    const outcome = await client().confirm(other, await newestCode('01055550013'));
    expect(outcome.kind === 'verified' && Buffer.from(outcome.ci).toString()).not.toBe(cis[0]);
  });

  test('sends another code when asked again; the first is worth nothing then', async () => {
    const id = ref();
    await client().send(id, claim('홍길동', '01055550021'));
    const first = await newestCode('01055550021');
    expect(await client().resend(id)).toEqual({ kind: 'sent' });
    const second = await newestCode('01055550021');
    if (first !== second) expect(await client().confirm(id, first)).toEqual({ kind: 'wrong-code' });
    expect((await client().confirm(id, second)).kind).toBe('verified');
  });

  test('counts wrong codes itself and fails the check at the fifth', async () => {
    const id = ref();
    await client().send(id, claim('홍길동', '01055550031'));
    const right = await newestCode('01055550031');
    const wrong = right === '000000' ? '000001' : '000000';
    for (let index = 0; index < 5; index++) expect(await client().confirm(id, wrong)).toEqual({ kind: 'wrong-code' });
    expect(await client().confirm(id, right)).toEqual({ kind: 'expired' });
  });

  test.each([
    ['홍불일치', { kind: 'mismatch' }],
    ['홍한도초과', { kind: 'too-many' }],
    ['홍점검중', { kind: 'unavailable', cause: 'MAINTENANCE' }],
  ])('refuses %s as documented', async (name, outcome) => {
    expect(await client().send(ref(), claim(name))).toEqual(outcome);
  });

  test('that refuses our secret, is away, or talks nonsense is unavailable, not a refusal of the person', async () => {
    expect(await client('another').send(ref(), claim('홍길동'))).toEqual({
      kind: 'unavailable',
      cause: 'UNAUTHORIZED',
    });
    const away = createIdentityAgency({ url: 'http://127.0.0.1:1', secret: SECRET, channelKey: 'test' });
    expect((await away.send(ref(), claim('홍길동'))).kind).toBe('unavailable');
    expect((await away.confirm('x', '000000')).kind).toBe('unavailable');
    const answering = (body: string, status = 200) =>
      createIdentityAgency({
        url: 'http://x',
        secret: SECRET,
        channelKey: 'test',
        fetch: async () => new Response(body, { status }),
      });
    for (const body of ['<html>', '{}', '{"identityVerification":{"status":"VERIFIED"}}'])
      expect((await answering(body).confirm('x', '000000')).kind).toBe('unavailable');
    expect((await answering('{"type":"SOMETHING_NEW"}', 418).confirm('x', '000000')).kind).toBe('unavailable');
  });

  test('that answers too late is unavailable', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const late = createIdentityAgency({ url, secret: SECRET, channelKey: 'test', timeoutMs: 50 });
    expect(await late.send(ref(), claim('홍길동'))).toEqual({ kind: 'unavailable', cause: 'TimeoutError' });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('the bank', () => {
  const gateway = (clock = systemClock, url = bank) =>
    createBankGateway({ clock }, { url, secret: Buffer.from(SECRET) });
  afterEach(() => notices.splice(0));

  test('tells of a deposit until it is taken, and then knows it', async () => {
    const response = await fetch(`${bank}/deposits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ accountNumber: '110-000-000001', depositorName: 'AB12CD', amountWon: '50,000' }),
    });
    expect(response.status).toBe(201);
    await expect.poll(() => notices.length).toBe(3);
    const told = JSON.parse(notices[2]!.body.toString()) as { bankRef: string };
    expect(notices.map((notice) => notice.body.toString())).toEqual(Array(3).fill(notices[2]!.body.toString()));
    for (const { body, signature } of notices) expect(gateway().isSigned(body, signature)).toBe(true);
    expect(await gateway().confirm(told.bankRef)).toEqual({
      kind: 'found',
      deposit: {
        bankRef: told.bankRef,
        accountNumber: '110-000-000001',
        depositorName: 'AB12CD',
        amountWon: 50_000n,
        depositedAt: expect.stringMatching(/Z$/),
      },
    });
  });

  test('does not know a deposit that was never made, and does not answer strangers', async () => {
    expect(await gateway().confirm('SIM-never')).toEqual({ kind: 'absent' });
    expect((await fetch(`${bank}/deposits/SIM-never`)).status).toBe(401);
    const stranger = createBankGateway({ clock: systemClock }, { url: bank, secret: Buffer.from('other') });
    expect(await stranger.confirm('SIM-never')).toEqual({ kind: 'unknown', cause: 'status 401' });
  });

  test('that is away is unknown, never absent', async () => {
    expect((await gateway(systemClock, 'http://127.0.0.1:1').confirm('x')).kind).toBe('unknown');
  });

  test('takes no deposit without a name or of nothing, and says so in Korean', async () => {
    const post = (body: object) =>
      fetch(`${bank}/deposits`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ accountNumber: '110-000-000001', depositorName: 'A', amountWon: '1', ...body }),
      });
    for (const body of [{ depositorName: ' ' }, { amountWon: '0' }, { amountWon: '-5' }, { amountWon: '1.5' }])
      expect((await post(body)).status).toBe(400);
  });

  test('a notice is signed over its very bytes, by the right key, within five minutes', async () => {
    const { createHmac } = await import('node:crypto');
    const clock = fakeClock();
    const body = Buffer.from('{"bankRef":"1"}');
    const sign = (seconds: number, secret = SECRET, over = body) =>
      `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.`).update(over).digest('hex')}`;
    const now = clock.nowMs() / 1000;
    const isSigned = (signature: string | undefined, of = body) => gateway(clock).isSigned(of, signature);
    expect(isSigned(sign(now))).toBe(true);
    expect(isSigned(sign(now - 300))).toBe(true);
    expect(isSigned(sign(now - 301))).toBe(false);
    expect(isSigned(sign(now + 301))).toBe(false);
    expect(isSigned(sign(now, 'other'))).toBe(false);
    expect(isSigned(sign(now), Buffer.from('{"bankRef":"2"}'))).toBe(false);
    // The time is part of what is signed.
    expect(isSigned(sign(now).replace(/t=\d+/, `t=${now - 1}`))).toBe(false);
    for (const broken of [undefined, '', 't=1', sign(now).slice(0, -1), `${sign(now)}0`])
      expect(isSigned(broken)).toBe(false);
  });
});

describe('the pages', () => {
  test.each([
    ['SMS', () => `${sms}/`],
    ['bank', () => `${bank}/`],
    ['agency', () => `${agency}/`],
  ])('of the %s say that they are a simulation and run no script', async (_name, url) => {
    const response = await fetch(url(), { headers: { accept: 'text/html' } });
    const html = await response.text();
    expect(html).toContain('시뮬레이션이에요.');
    expect(html).toContain('This is a simulation');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).not.toContain('<script');
  });

  test('show what people typed as text', async () => {
    await fetch(`${bank}/deposits`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ accountNumber: '110-000', depositorName: '<b>"x"', amountWon: '7' }),
    });
    const html = await (await fetch(`${bank}/`)).text();
    expect(html).toContain('&lt;b&gt;&quot;x&quot;');
    expect(html).not.toContain('<b>"x"');
  });

  test('take no SMS from whoever does not hold the secret', async () => {
    const response = await fetch(`${sms}/messages/v4/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: { to: '01011112222', from: '15990000', text: 'hello' } }),
    });
    expect(response.status).toBe(403);
  });
});
