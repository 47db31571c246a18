/** Two people with a phone each: they join, one puts money in and pays the other, who sees it at once. */
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { systemClock } from '@jigeum/std';
import { ensureChromium } from '../../scripts/chromium.ts';
import { startInstance, type TestInstance } from '../instance.ts';
import { charge, join, masked, openApp, prepareToSend, pressPin, seriousFindings, type App } from './app.ts';
import { watchWords, type WordWatch } from './word-watch.ts';

const PASSPHRASE = '초록 우산 기차 여름밤';
/** When a payment that nobody sees fails the test. Not the promise of two seconds: see `tellTime`. */
const SEEN_AT_LAST_MS = 60_000;
/** The client believes that a request never arrived after 20 s; then the screen has to say so. */
const NOT_ARRIVED_WITHIN_MS = 80_000;

let instance: TestInstance;
let owner: pg.Client;
let browser: Browser;
let payer: App;
let payee: App;
let watch: WordWatch;
const accessibility: string[] = [];

const lookAs =
  (who: () => App) =>
  async (screen: string): Promise<void> => {
    const app = who();
    if (app === payer) await watch.lookAtPage(screen);
    accessibility.push(...(await seriousFindings(app.page)).map((finding) => `${screen}: ${finding}`));
  };
const asPayer = lookAs(() => payer);
const asPayee = lookAs(() => payee);

/** Transfers between members as the database has them. */
async function payments(): Promise<{ count: number; ids: string[] }> {
  const { rows } = await owner.query<{ id: string }>("select id from transfers where kind = 'payment'");
  return { count: rows.length, ids: rows.map(({ id }) => id) };
}

/** The number of the node's newest block. */
async function headNumber(): Promise<number> {
  const answer = await fetch(instance.places.nodeUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sym_blockNumber', params: [] }),
  });
  return Number(((await answer.json()) as { result: string }).result);
}

/**
 * Opens the receive screen and takes its questions about transfers away from it as soon as it has its list and hears live
 * events: what it shows from then on, a live event has told.
 */
async function receiveByLiveEventsAlone({ page }: App): Promise<{ loads: () => number }> {
  const isList = (url: URL): boolean => url.pathname === '/v1/transfers';
  const answers = [
    page.waitForResponse((response) => isList(new URL(response.url())) && response.ok()),
    page.waitForResponse((response) => new URL(response.url()).pathname === '/v1/events' && response.ok()),
  ];
  await page.goto('/receive');
  await Promise.all(answers);
  await page.getByRole('img', { name: /받기 QR/ }).waitFor();
  await page.route(isList, (route) => route.abort('connectionreset'));
  let loads = 0;
  page.on('load', () => loads++);
  return { loads: () => loads };
}

/**
 * The README's two seconds, printed and not asserted: browser, servers and tests share the machine here. Where clocks are
 * asserted they are asserted on a quiet one: `npm run faults -- recovery` has the payee told within two seconds.
 */
const tellTime = (tookMs: number): void =>
  console.log(`The payee's screen showed the payment ${Math.round(tookMs)} ms after the payer's confirm.`);

beforeAll(async () => {
  const executablePath = await ensureChromium();
  instance = await startInstance({ hasWeb: true });
  owner = await instance.connectOwner();
  browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  payer = await openApp(browser, instance, {
    name: '김소연',
    phone: '01071110001',
    memberId: 'soyeon',
    passphrase: PASSPHRASE,
    pin: '482913',
  });
  payee = await openApp(browser, instance, {
    name: '박민호',
    phone: '01071110002',
    memberId: 'minho',
    passphrase: PASSPHRASE,
    pin: '730264',
  });
  watch = await watchWords(payer.page);
  await join(payer, instance, asPayer);
  await join(payee, instance, asPayee);
  await charge(payer, instance, asPayer);
});

afterEach(async () => {
  await payer.page.unrouteAll({ behavior: 'ignoreErrors' });
  await payer.context.setOffline(false);
});

afterAll(async () => {
  await browser?.close();
  await owner?.end();
  await instance?.stop();
});

describe('a first payment between two people', () => {
  test('shows the name before the amount, pays once on a double tap, and is seen by the payee by a live event, without a reload', async () => {
    const receiving = await receiveByLiveEventsAlone(payee);
    await asPayee('receive');
    await prepareToSend(payer, { to: 'minho', won: '12000' }, async (screen) => {
      if (screen === 'send: name first') {
        const main = payer.page.getByRole('main');
        expect(await main.textContent()).toContain(masked('박민호'));
        expect(await main.textContent()).toContain('처음 보내는 분이에요');
        expect(await payer.page.getByRole('group', { name: '숫자판' }).count()).toBe(0);
      }
      await asPayer(screen);
    });
    const dialog = payer.page.getByRole('dialog');
    expect((await dialog.getByRole('heading').innerText()).replaceAll(/\s+/g, ' ')).toBe(
      `${masked('박민호')}님에게 12,000원을 보낼까요?`,
    );

    const arrived = payee.page.getByRole('heading', { name: '12,000원을 받았어요' });
    const confirm = dialog.getByRole('button', { name: '12,000원 보내기' });
    await confirm.waitFor();
    const headBefore = await headNumber();
    const startedMs = systemClock.monotonicMs();
    // Two taps before the page can draw anything in between: harder than any finger.
    await payer.page.evaluate(TWO_TAPS);
    await arrived.waitFor({ timeout: SEEN_AT_LAST_MS }).catch(async (cause: unknown) => {
      const heading = await payer.page.getByRole('heading', { level: 1 }).innerText();
      const { rows } = await owner.query('select state, requested_at, final_at from transfers');
      throw new Error(`The payee saw nothing; the payer's screen said "${heading}"; ${JSON.stringify(rows)}`, {
        cause,
      });
    });
    tellTime(systemClock.monotonicMs() - startedMs);
    expect(receiving.loads()).toBe(0);
    await payee.page.unrouteAll({ behavior: 'ignoreErrors' });
    await payer.page.getByRole('heading', { name: '12,000원을 보냈어요' }).waitFor();
    await asPayer('send: done');
    await asPayee('receive: arrived');
    const { ids } = await payments();
    expect(ids).toHaveLength(1);
    const { rows } = await owner.query<{ block_number: string }>(
      "select block_number from chain_outbox where source_id = $1 and state = 'final'",
      ids,
    );
    expect(rows.map((row) => Number(row.block_number) > headBefore)).toEqual([true]);

    await payer.page.goto('/');
    await payer.page.getByText('38,000원').waitFor();
    await payee.page.goto('/');
    await payee.page.getByText('12,000원', { exact: true }).first().waitFor();
  });

  test('keeps the chain out of the payer’s screens, requests and answers', async () => {
    const { page } = payer;
    const { rows } = await owner.query<{ address: string }>('select address from wallets where address is not null');
    expect(rows.length).toBeGreaterThanOrEqual(2);
    watch.forbid(...rows.flatMap(({ address }) => [address, address.replace(/^0x/, '')]));
    for (const [path, text] of [
      ['/history', '2026'],
      ['/settings', '화면 색'],
      ['/receive', '내 ID'],
      ['/charge', '얼마를 충전할까요?'],
    ] as const) {
      await page.goto(path);
      await page
        .getByRole('main')
        .getByText(path === '/history' ? /[0-9]{4}년/ : text)
        .first()
        .waitFor();
      await asPayer(path);
    }
    await page.goto('/history');
    await page
      .getByRole('main')
      .getByRole('link', { name: new RegExp(masked('박민호').replace('*', '\\*')) })
      .first()
      .click();
    await page.getByText('영수증 번호').waitFor();
    await asPayer('receipt');
    expect(watch.count()).toBeGreaterThan(50);
    expect(await watch.findings()).toEqual([]);
  });

  test('shows the chain’s values in the receipt’s verification panel alone, and the scanner knows them', async () => {
    const { page } = payer;
    await page.getByRole('button', { name: '영수증 검증' }).click();
    const hash = page
      .getByTestId('receipt-proof')
      .getByText(/^0x[0-9a-f]{64}$/)
      .first();
    await hash.waitFor();
    const hashHex = (await hash.textContent()) ?? '';
    // The watch itself has to be able to see: here it must.
    await watch.lookAtPage('verification panel');
    expect((await watch.findings()).some((finding) => finding.startsWith('screen verification panel'))).toBe(true);
    await page.goto(`/scan/transactions/${hashHex}`);
    await page.getByText('12,000 EST').first().waitFor();
    accessibility.push(...(await seriousFindings(page)).map((finding) => `scanner transaction: ${finding}`));
    await page.goto('/scan');
    await page.getByText('새 블록').waitFor();
    accessibility.push(...(await seriousFindings(page)).map((finding) => `scanner: ${finding}`));
  });

  test('leads from a QR with an amount to the payee’s name and that amount', async () => {
    const { rows } = await owner.query<{ receive_code: string }>(
      "select receive_code from members where member_id = 'minho'",
    );
    await payer.page.goto(`/send?to=${rows[0]!.receive_code}&amount=3000`);
    await payer.page.getByText('보낸 적이 있는 분이에요').waitFor();
    await payer.page.getByRole('button', { name: '네, 맞아요' }).click();
    await payer.page.getByRole('button', { name: '3,000원 보내기' }).waitFor();
  });

  test('refuses a wrong PIN with the number of tries left and moves no money', async () => {
    const before = await payments();
    await prepareToSend(
      { ...payer, person: { ...payer.person, pin: '111222' } },
      { to: 'minho', won: '1000' },
      async () => undefined,
    );
    await payer.page.getByRole('dialog').getByRole('button', { name: '1,000원 보내기' }).click();
    const problem = payer.page.getByRole('dialog').getByRole('alert');
    await problem.waitFor();
    expect(await problem.textContent()).toContain('결제 비밀번호가 맞지 않아요. 돈은 나가지 않았어요.');
    expect(await problem.textContent()).toContain('번 더 해 볼 수 있어요');
    await pressPin(payer.page, payer.person.pin);
    await payer.page.getByRole('dialog').getByRole('button', { name: '1,000원 보내기' }).click();
    await payer.page.getByRole('heading', { name: '1,000원을 보냈어요' }).waitFor();
    expect((await payments()).count).toBe(before.count + 1);
  });

  test('says that it is checking when the answer is lost, finds the payment by its id, and pays once', async () => {
    const before = await payments();
    // The request takes effect; its answer, and every answer and live event after it, is lost until the network is back.
    let isLost = false;
    const isWatched = (url: URL): boolean => url.pathname.startsWith('/v1/transfers') || url.pathname === '/v1/events';
    await payer.page.route(isWatched, async (route) => {
      const request = route.request();
      if (request.method() === 'POST') {
        isLost = true;
        await route.fetch();
      }
      if (isLost || request.url().includes('/v1/events')) await route.abort('connectionreset');
      else await route.continue();
    });
    await prepareToSend(payer, { to: 'minho', won: '2000' }, async () => undefined);
    await payer.page.getByRole('dialog').getByRole('button', { name: '2,000원 보내기' }).click();
    await payer.page.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    await payer.page.reload();
    await payer.page.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    await asPayer('send: checking');
    // Another way into sending leads back to the payment that is being checked.
    await payer.page.goto('/send');
    await payer.page.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    await payer.page.unroute(isWatched);
    await payer.page.getByRole('heading', { name: '2,000원을 보냈어요' }).waitFor();
    expect((await payments()).count).toBe(before.count + 1);
  });

  test('says that no money has left when the request never arrived, and sends it again under the same id', async () => {
    const before = await payments();
    await prepareToSend(payer, { to: 'minho', won: '4000' }, async () => undefined);
    const keys: string[] = [];
    const isPost = (url: URL): boolean => url.pathname === '/v1/transfers';
    await payer.page.route(isPost, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().headers()['idempotency-key'] ?? '');
      await route.abort('connectionreset');
    });
    await payer.page.getByRole('dialog').getByRole('button', { name: '4,000원 보내기' }).click();
    await payer.page.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    await payer.page.getByRole('heading', { name: '돈은 나가지 않았어요' }).waitFor({ timeout: NOT_ARRIVED_WITHIN_MS });
    expect((await payments()).count).toBe(before.count);
    await payer.page.unroute(isPost);
    await payer.page.getByRole('button', { name: '그대로 다시 보내기' }).click();
    await payer.page.getByRole('button', { name: '4,000원 보내기' }).click();
    await pressPin(payer.page, payer.person.pin);
    await payer.page.getByRole('dialog').getByRole('button', { name: '4,000원 보내기' }).click();
    await payer.page.getByRole('heading', { name: '4,000원을 보냈어요' }).waitFor();
    const after = await payments();
    expect(after.count).toBe(before.count + 1);
    expect(keys).toHaveLength(1);
    expect(after.ids).toContain(keys[0]);
  });

  test('never sends again on the way back: the back button leads to the outcome or home, and the id is spent', async () => {
    const before = await payments();
    await prepareToSend(payer, { to: 'minho', won: '1500' }, async () => undefined);
    await payer.page.getByRole('dialog').getByRole('button', { name: '1,500원 보내기' }).click();
    await payer.page.getByRole('heading', { name: '1,500원을 보냈어요' }).waitFor();
    for (let steps = 0; steps < 4; steps++) {
      await payer.page.goBack();
      expect(await payer.page.getByRole('dialog').count()).toBe(0);
    }
    await payer.page.goto('/');
    await payer.page.getByText('보낼 수 있는 돈').waitFor();
    expect((await payments()).count).toBe(before.count + 1);
  });

  test.each(['left', 'reloaded'])(
    'finds a payment whose page was %s before the answer came, and pays once',
    async (way) => {
      const before = await payments();
      await prepareToSend(payer, { to: 'minho', won: '1700' }, async () => undefined);
      const isPost = (url: URL): boolean => url.pathname === '/v1/transfers';
      const keys: string[] = [];
      const arrived = new Promise<void>((resolve) => {
        void payer.page.route(isPost, async (route) => {
          if (route.request().method() !== 'POST') return route.continue();
          keys.push(route.request().headers()['idempotency-key'] ?? '');
          // The effect has happened; the page goes before it hears of it.
          await route.fetch();
          resolve();
        });
      });
      await payer.page.getByRole('dialog').getByRole('button', { name: '1,700원 보내기' }).click();
      await arrived;
      if (way === 'left') await payer.page.goto('/send/amount');
      else await payer.page.reload();
      await payer.page.getByRole('heading', { name: '1,700원을 보냈어요' }).waitFor();
      const after = await payments();
      expect(after.count).toBe(before.count + 1);
      expect(keys).toHaveLength(1);
      expect(after.ids).toContain(keys[0]);
    },
  );

  test('says that it is checking when the network goes at the moment of sending, in every tab and on the way back, and pays once', async () => {
    const before = await payments();
    // A stream that is open stays open for the browser when it is told that it is offline.
    const isEvents = (url: URL): boolean => url.pathname === '/v1/events';
    await payer.context.route(isEvents, (route) => route.abort('connectionreset'));
    // The other tab asks as soon as it hears of the payment, and may be answered before the network goes: then both tabs know.
    const isQuestion = (url: URL): boolean => url.pathname.startsWith('/v1/transfers/');
    await payer.context.route(isQuestion, (route) => route.abort('connectionreset'));
    const otherTab = await payer.context.newPage();
    await otherTab.goto('/send');
    await otherTab.getByLabel('ID 또는 휴대폰 번호').waitFor();
    const keys: string[] = [];
    const isPost = (url: URL): boolean => url.pathname === '/v1/transfers';
    await payer.page.route(isPost, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().headers()['idempotency-key'] ?? '');
      await route.fetch();
      // From here on nothing comes through, neither the answer nor anything after it.
      await payer.context.setOffline(true);
      await route.abort('internetdisconnected');
    });
    await prepareToSend(payer, { to: 'minho', won: '1900' }, async () => undefined);
    await payer.page.getByRole('dialog').getByRole('button', { name: '1,900원 보내기' }).click();
    await payer.page.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    await otherTab.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    await payer.page.goBack();
    await payer.page.getByRole('heading', { name: '다시 보내지 마세요' }).waitFor();
    expect(await payer.page.getByRole('dialog').count()).toBe(0);
    await payer.context.unroute(isEvents);
    await payer.context.unroute(isQuestion);
    await payer.context.setOffline(false);
    await payer.page.getByRole('heading', { name: '1,900원을 보냈어요' }).waitFor();
    await otherTab.getByRole('heading', { name: '1,900원을 보냈어요' }).waitFor();
    await otherTab.close();
    const after = await payments();
    expect(after.count).toBe(before.count + 1);
    expect(keys).toHaveLength(1);
    expect(after.ids).toContain(keys[0]);
  });

  test('asks for one charge on a double tap, and the way back asks for no other', async () => {
    const count = async (): Promise<number> => (await owner.query('select from charges')).rows.length;
    const before = await count();
    await payer.page.goto('/charge');
    await payer.page.getByRole('button', { name: '+5만' }).click();
    await payer.page.getByRole('button', { name: '계좌번호 받기' }).waitFor();
    await payer.page.evaluate(TWO_TAPS_ON('.screen-footer .button-main'));
    await payer.page.getByRole('heading', { name: '50,000원을 보내 주세요' }).waitFor();
    await payer.page.goBack();
    await payer.page.goForward();
    await payer.page.getByRole('heading', { name: '50,000원을 보내 주세요' }).waitFor();
    expect(await count()).toBe(before + 1);
  });

  test('asks again for a charge whose answer was lost, also after a reload, and gets the same one', async () => {
    const count = async (): Promise<number> => (await owner.query('select from charges')).rows.length;
    const before = await count();
    const keys: string[] = [];
    let isLost = true;
    const isPost = (url: URL): boolean => url.pathname === '/v1/charges';
    await payer.page.route(isPost, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().headers()['idempotency-key'] ?? '');
      if (!isLost) return route.continue();
      await route.fetch();
      await route.abort('connectionreset');
    });
    await payer.page.goto('/charge');
    await payer.page.getByRole('button', { name: '+1만' }).click();
    await payer.page.getByRole('button', { name: '계좌번호 받기' }).click();
    await payer.page.getByRole('alert').waitFor();
    isLost = false;
    await payer.page.reload();
    await payer.page.getByRole('heading', { name: '10,000원을 보내 주세요' }).waitFor();
    expect(await count()).toBe(before + 1);
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBeGreaterThanOrEqual(2);
  });

  test('sends one text message for a double tap, and for a second tap after an answer that was lost', async () => {
    const joiner = await openApp(browser, instance, {
      ...{ name: '최서윤', phone: '01071110003', memberId: 'seoyun', passphrase: PASSPHRASE, pin: '193746' },
    });
    const { page, person } = joiner;
    const keys: string[] = [];
    let isLost = false;
    await page.route(
      (url) => url.pathname === '/v1/identity/checks',
      async (route) => {
        keys.push(route.request().headers()['idempotency-key'] ?? '');
        if (!isLost) return route.continue();
        isLost = false;
        await route.fetch();
        await route.abort('connectionreset');
      },
    );
    const fillIn = async (): Promise<void> => {
      await page.goto('/join');
      await page.getByLabel('이름').fill(person.name);
      await page.getByLabel('통신사').selectOption('KT');
      await page.getByLabel('휴대폰 번호').fill(person.phone);
      await page.getByLabel('생년월일 6자리').fill('900101');
      await page.getByLabel('뒤 첫째 자리').fill('1');
      await page.getByLabel('본인확인에 동의해요').check();
    };
    const messages = async (): Promise<number> => {
      const answer = await fetch(`${instance.places.smsUrl}/inbox?to=${person.phone}`, {
        headers: { accept: 'application/json' },
      });
      return ((await answer.json()) as { messages: unknown[] }).messages.length;
    };
    await fillIn();
    await page.evaluate(TWO_TAPS_ON('button[type="submit"]'));
    await page.getByLabel('인증번호 6자리').waitFor();
    // The form asks for the code while its message is still on the way.
    await expect.poll(messages).toBe(1);
    expect(new Set(keys).size).toBe(1);

    isLost = true;
    keys.length = 0;
    await fillIn();
    await page.getByRole('button', { name: '인증번호 받기' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: '인증번호 받기' }).click();
    await page.getByLabel('인증번호 6자리').waitFor();
    await expect.poll(messages).toBe(2);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    await joiner.context.close();
  });

  test('has nothing that axe calls serious on any screen, and breaks no content policy', () => {
    expect(accessibility).toEqual([]);
    expect(payer.complaints).toEqual([]);
    expect(payee.complaints).toEqual([]);
  });
});

/** Runs in the page: two taps on a button within one turn. */
const TWO_TAPS_ON = (selector: string): string => `(() => {
  const button = document.querySelector(${JSON.stringify(selector)});
  button.click();
  button.click();
})()`;
const TWO_TAPS = TWO_TAPS_ON('dialog[open] .button-main');
