/** A person in front of the app: a browser context of their own at 390 px, driven by what is on the screen. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { TestInstance } from '../instance.ts';

export interface AppPerson {
  readonly name: string;
  readonly phone: string;
  readonly memberId: string;
  readonly passphrase: string;
  readonly pin: string;
}

/** What a masked name looks like to others: 홍*동. */
export const masked = (name: string): string => `${[...name][0]}*${[...name].at(-1)}`;

/** Far longer than anything takes on a busy machine: what has not come by then does not come. */
export const WAIT_MS = 60_000;
const PHONE = { width: 390, height: 844 };

export interface App {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly person: AppPerson;
  /** Complaints of the page itself: exceptions and refused inline code. */
  readonly complaints: string[];
}

/** Opens a context in Korean with nothing stored. */
export async function openApp(browser: Browser, instance: TestInstance, person: AppPerson): Promise<App> {
  const context = await browser.newContext({
    baseURL: instance.places.webUrl,
    viewport: PHONE,
    locale: 'ko-KR',
    // The worker would answer for the page's files; the test looks at what the page itself does.
    serviceWorkers: 'block',
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  return { page, context, person, complaints };
}

/** Walks through joining, up to the home screen with a wallet that is ready. `look` is called on each screen. */
export async function join(app: App, instance: TestInstance, look: (screen: string) => Promise<void>): Promise<void> {
  const { page, person } = app;
  await page.goto('/');
  await page.getByRole('link', { name: '시작하기' }).waitFor();
  await look('landing');
  await page.getByRole('link', { name: '시작하기' }).click();
  await page.getByLabel('이름').fill(person.name);
  await page.getByLabel('통신사').selectOption('KT');
  await page.getByLabel('휴대폰 번호').fill(person.phone);
  await page.getByLabel('생년월일 6자리').fill('900101');
  await page.getByLabel('뒤 첫째 자리').fill('1');
  await page.getByLabel('본인확인에 동의해요').check();
  await look('join: identity');
  await page.getByRole('button', { name: '인증번호 받기' }).click();
  await page.getByLabel('인증번호 6자리').waitFor();
  await look('join: code');
  await page.getByLabel('인증번호 6자리').fill(await newestCode(instance, person.phone));
  await page.getByRole('textbox', { name: 'ID' }).fill(person.memberId);
  await page.getByText('쓸 수 있는 ID예요.').waitFor();
  await look('join: ID');
  await page.getByRole('button', { name: '이 ID로 정하기' }).click();
  await page.locator('#join-passphrase').fill(person.passphrase);
  await look('join: passphrase');
  await page.getByRole('button', { name: '이 암호로 정하기' }).click();
  await page.getByRole('heading', { name: '결제 비밀번호' }).waitFor();
  await look('join: PIN');
  await pressPin(page, person.pin);
  await page.getByRole('heading', { name: '한 번 더 눌러 주세요' }).waitFor();
  await pressPin(page, person.pin);
  await page.getByText('보낼 수 있는 돈').waitFor();
  await page.getByText('지갑을 준비하고 있어요').waitFor({ state: 'detached' });
  await look('home');
}

/** Presses the digits on the screen's keypad. */
export async function pressPin(page: Page, pin: string): Promise<void> {
  const keypad = page.getByRole('group', { name: '숫자판' }).last();
  for (const digit of pin) await keypad.getByRole('button', { name: digit, exact: true }).click();
}

/** Asks for a charge on the screen and pays it in at the simulated bank; resolves when the screen says that it is done. */
export async function charge(app: App, instance: TestInstance, look: (screen: string) => Promise<void>): Promise<void> {
  const { page } = app;
  await page.goto('/');
  await page.getByRole('main').getByRole('link', { name: '충전', exact: true }).click();
  await page.getByRole('button', { name: '+5만' }).click();
  await page.getByText('오만 원').waitFor();
  await look('charge: amount');
  await page.getByRole('button', { name: '계좌번호 받기' }).click();
  await page.getByRole('heading', { name: '50,000원을 보내 주세요' }).waitFor();
  await look('charge: waiting');
  await deposit(instance, {
    accountNumber: (await page.locator('.deposit strong').nth(0).textContent()) ?? '',
    depositorName: (await page.locator('.deposit strong').nth(1).textContent()) ?? '',
    amountWon: '50000',
  });
  await page.getByRole('heading', { name: '충전했어요' }).waitFor();
  await look('charge: done');
}

/** Goes from the home screen to the open confirm sheet with the PIN entered. */
export async function prepareToSend(
  app: App,
  input: { to: string; won: string },
  look: (screen: string) => Promise<void>,
): Promise<void> {
  const { page, person } = app;
  await page.goto('/');
  await page.getByRole('main').getByRole('link', { name: '보내기', exact: true }).click();
  await page.getByLabel('ID 또는 휴대폰 번호').fill(input.to);
  await look('send: payee');
  await page.getByRole('button', { name: '받는 분 찾기' }).click();
  await page.getByRole('button', { name: '네, 맞아요' }).waitFor();
  await look('send: name first');
  await page.getByRole('button', { name: '네, 맞아요' }).click();
  await pressPin(page, input.won);
  await look('send: amount');
  await page.getByRole('button', { name: /원 보내기$/ }).click();
  await page.getByRole('dialog').waitFor();
  await pressPin(page, person.pin);
  await look('send: confirm');
}

interface Deposit {
  accountNumber: string;
  depositorName: string;
  amountWon: string;
}

/** Pays in at the simulated bank. */
export async function deposit(instance: TestInstance, body: Deposit): Promise<void> {
  const answer = await fetch(`${instance.places.bankUrl}/deposits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok)
    throw new Error(`Expected the bank to take the deposit, got ${answer.status}: ${await answer.text()}`);
}

const CODE_WITHIN_TRIES = 600;

/** The six digits of the newest message to a phone. */
export async function newestCode(instance: TestInstance, phone: string): Promise<string> {
  for (let tries = 0; tries < CODE_WITHIN_TRIES; tries++) {
    const answer = await fetch(`${instance.places.smsUrl}/inbox?to=${phone}`, {
      headers: { accept: 'application/json' },
    });
    const inbox = (await answer.json()) as { messages: { text: string }[] };
    const code = inbox.messages
      .map(({ text }) => /\b([0-9]{6})\b/.exec(text)?.[1])
      .find((found) => found !== undefined);
    if (code !== undefined) return code;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`Expected a message with a code to ${phone} within a minute.`);
}

/** What axe calls serious or critical on the page as it is, one line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Colours are judged when they have settled; what never ends (a pulse) is not waited for.
  await page.evaluate(SETTLED);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
}

/** Runs in the page. */
const SETTLED = `Promise.race([
  Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
  new Promise((resume) => setTimeout(resume, 400)),
]).then(() => null)`;
