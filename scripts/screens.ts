/**
 * `node scripts/screens.ts <base URL>`: takes the pictures in docs/screens/ from a running `npm start` with its two test
 * people. One pays the other 12,000 won on the way. Fails when a picture is too large to be kept in the repository.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { testPeople } from '../apps/cli/src/embedded/test-people.ts';
import { ensureChromium } from './chromium.ts';

const FOLDER = fileURLToPath(new URL('../docs/screens/', import.meta.url));
const PICTURE_BYTES_MAX = 100_000;
const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 800 };
/** The scanner is dense: less of it keeps a picture small. */
const WIDE_SHORT = { width: 1280, height: 620 };
/** Sheets rise and ticks draw themselves within this. */
const SETTLE_MS = 700;

interface Look {
  viewport: typeof PHONE;
  colours: 'light' | 'dark';
  language: 'ko' | 'en';
}
const usual: Look = { viewport: PHONE, colours: 'light', language: 'ko' };

const [baseUrl] = process.argv.slice(2);
if (baseUrl === undefined || !URL.canParse(baseUrl)) {
  console.error('Expected the address of a running app: node scripts/screens.ts http://127.0.0.1:8080');
  process.exitCode = 1;
} else {
  mkdirSync(FOLDER, { recursive: true });
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  try {
    await takeAll(browser, baseUrl);
  } finally {
    await browser.close();
  }
}

async function takeAll(browser: Browser, base: string): Promise<void> {
  const [payer, payee] = testPeople as [(typeof testPeople)[number], (typeof testPeople)[number]];

  const stranger = await open(browser, base, usual);
  await stranger.goto('/');
  await stranger.getByRole('link', { name: '시작하기' }).waitFor();
  await take(stranger, '01-landing');
  await stranger.goto('/join');
  await stranger.getByLabel('이름').fill('홍길동');
  await stranger.getByLabel('휴대폰 번호').fill('01012345678');
  await take(stranger, '02-join');

  const page = await open(browser, base, usual);
  await logIn(page, payer);
  await take(page, '03-home');
  await page.goto('/charge');
  await page.getByRole('button', { name: '+5만' }).click();
  await take(page, '04-charge-amount');
  await page.getByRole('button', { name: '계좌번호 받기' }).click();
  await page.getByText('입금자명', { exact: true }).waitFor();
  await take(page, '05-charge-account');
  // Left open it would stand on every later picture.
  await page.getByRole('button', { name: '충전 취소하기' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '충전 취소하기' }).click();
  await page.getByRole('heading', { name: '충전을 취소했어요' }).waitFor();

  await page.goto('/');
  await page.getByRole('main').getByRole('link', { name: '보내기', exact: true }).click();
  await page.getByLabel('ID 또는 휴대폰 번호').fill(payee.memberId);
  await page.getByRole('button', { name: '받는 분 찾기' }).click();
  await page.getByRole('heading', { name: '이분이 맞나요?' }).waitFor();
  await take(page, '06-send-name-first');
  await page.getByRole('button', { name: '네, 맞아요' }).click();
  await press(page, '12000');
  await take(page, '07-send-amount');
  await page.getByRole('button', { name: '12,000원 보내기' }).click();
  await press(page, payer.pin);
  await take(page, '08-send-confirm');

  const other = await open(browser, base, usual);
  await logIn(other, payee);
  await other.goto('/receive');
  await other.getByRole('img', { name: /받기 QR/ }).waitFor();
  await take(other, '09-receive');
  await page.getByRole('dialog').getByRole('button', { name: '12,000원 보내기' }).click();
  await page.getByRole('heading', { name: '12,000원을 보냈어요' }).waitFor();
  await take(page, '10-send-done');
  await other.getByRole('heading', { name: '12,000원을 받았어요' }).waitFor();
  await take(other, '11-receive-arrived');
  await page.getByRole('link', { name: '영수증 보기' }).click();
  await page.getByText('영수증 번호').waitFor();
  await take(page, '12-receipt');
  await page.getByRole('link', { name: '영수증 인쇄하거나 파일로 받기' }).click();
  await page.getByTestId('paper').waitFor();
  await take(page, '20-receipt-paper');
  await takePaper(browser, base, payer, new URL(page.url()).pathname);
  await takeVerifier(browser, base, page);

  const dark = await open(browser, base, { ...usual, colours: 'dark' });
  await logIn(dark, payer);
  await take(dark, '13-home-dark');
  const wide = await open(browser, base, { viewport: WIDE, colours: 'light', language: 'en' });
  await logIn(wide, payer);
  await wide.goto('/history');
  await wide.getByRole('main').locator('a[href^="/history/"]').first().click();
  await wide.getByText('Receipt number').waitFor();
  await take(wide, '14-history-wide-en');
  await takeScanner(browser, base);
}

/** The receipt on a wide window, for till paper. */
async function takePaper(
  browser: Browser,
  base: string,
  payer: (typeof testPeople)[number],
  path: string,
): Promise<void> {
  const wide = await open(browser, base, { viewport: WIDE, colours: 'light', language: 'en' });
  await logIn(wide, payer);
  await wide.goto(path);
  await wide.getByTestId('paper').waitFor();
  await wide.getByRole('radio', { name: /80 mm/ }).click();
  await take(wide, '21-receipt-till-wide-en');
}

/** The page that checks a receipt's file: the one that `page` shows, and the same with another amount. */
async function takeVerifier(browser: Browser, base: string, page: Page): Promise<void> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: '파일로 받기' }).click();
  const receipt = readFileSync(await (await download).path(), 'utf8');
  const show = async (look: Look, content: string): Promise<Page> => {
    const verifier = await open(browser, base, look);
    await verifier.goto(`/verify#${look.language}`);
    await verifier
      .locator('#file')
      .setInputFiles({ name: 'receipt.json', mimeType: 'application/json', buffer: Buffer.from(content) });
    await verifier.getByTestId('verdict').scrollIntoViewIfNeeded();
    await verifier.locator('#verdict-title').evaluate('(title) => title.scrollIntoView()');
    return verifier;
  };
  await take(await show(usual, receipt), '22-verifier');
  const changed = receipt.replace('"words":"12,000 EST"', '"words":"120,000 EST"');
  await take(await show({ viewport: WIDE, colours: 'light', language: 'en' }, changed), '23-verifier-wide-en');
}

/** The public scanner: what it shows of the payment that was just made. */
async function takeScanner(browser: Browser, base: string): Promise<void> {
  const wide = await open(browser, base, { viewport: WIDE_SHORT, colours: 'light', language: 'en' });
  await wide.goto('/scan');
  await wide.getByText('Live', { exact: true }).waitFor();
  await take(wide, '15-scanner-wide-en');
  await wide.getByRole('link', { name: /EST$/ }).first().click();
  await wide.getByText('Signed by').waitFor();
  await take(wide, '16-scanner-transaction-wide-en');

  const page = await open(browser, base, usual);
  await page.goto(new URL(wide.url()).pathname);
  await page.getByRole('button', { name: '내 브라우저에서 검증하기' }).click();
  await page.getByText('모두 맞아요').waitFor();
  await page.getByText('모두 맞아요').scrollIntoViewIfNeeded();
  await take(page, '17-scanner-verified');
  await page.locator('a[href^="/scan/blocks/"]').first().click();
  await page.getByText('봉인한 곳', { exact: true }).waitFor();
  await take(page, '18-scanner-block');

  const dark = await open(browser, base, { viewport: WIDE_SHORT, colours: 'dark', language: 'ko' });
  await dark.goto(new URL(wide.url()).pathname);
  await dark.locator('a[href^="/scan/tokens/"]').last().click();
  await dark.getByText('소유한 곳', { exact: true }).waitFor();
  await take(dark, '19-scanner-token-wide-dark');
}

async function open(browser: Browser, baseURL: string, look: Look): Promise<Page> {
  const context = await browser.newContext({
    baseURL,
    viewport: look.viewport,
    colorScheme: look.colours,
    locale: 'ko-KR',
    serviceWorkers: 'block',
  });
  await context.addInitScript(`localStorage.setItem('jigeum.settings', '{"language":"${look.language}"}')`);
  return context.newPage();
}

async function logIn(page: Page, person: (typeof testPeople)[number]): Promise<void> {
  await page.goto('/login');
  await page.locator('#login-id').fill(person.memberId);
  await page.locator('#login-passphrase').fill(person.passphrase);
  await page.keyboard.press('Enter');
  await page.locator('.balance-amount .figures').waitFor();
}

async function press(page: Page, digits: string): Promise<void> {
  const keypad = page.getByRole('group', { name: '숫자판' }).last();
  for (const digit of digits) await keypad.getByRole('button', { name: digit, exact: true }).click();
}

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(SETTLE_MS);
  const picture = await page.screenshot({ caret: 'hide' });
  if (picture.length > PICTURE_BYTES_MAX)
    throw new Error(`Expected ${name}.png to have at most ${PICTURE_BYTES_MAX} bytes, got ${picture.length}.`);
  writeFileSync(join(FOLDER, `${name}.png`), picture);
  console.log(`${name}.png  ${Math.ceil(picture.length / 1024)} kB`);
}
