/** The verifier page as a file on a disk: no server, no network, in a browser. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCliConfig } from '../../apps/cli/src/config.ts';
import { ensureWebBuild } from '../../apps/cli/src/embedded/web-build.ts';
import { ensureChromium } from '../../scripts/chromium.ts';
import { seriousFindings, WAIT_MS } from './app.ts';

const document = readFileSync(new URL('../../docs/protocol/payment-receipt.md', import.meta.url), 'utf8');
const text = /^file = (.*)$/m.exec(document)![1]!;
const { issuer, sealer, chainId } = (
  JSON.parse(text) as {
    receipt: { chainId: string; issuer: { keyId: string }; sealer: { keyHash: string } };
  }
).receipt;

let folder: string;
let browser: Browser;
/** As the server hands it out, and as the build makes it. */
let withKeys: string;
let withoutKeys: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-verify-page-'));
  const dist = await ensureWebBuild(readCliConfig(), () => undefined);
  withoutKeys = join(folder, 'bare.html');
  copyFileSync(join(dist, 'verify.html'), withoutKeys);
  withKeys = join(folder, 'jigeum-verify.html');
  const keys = { chainId, issuerKeys: [{ keyId: issuer.keyId }], sealers: [{ keyHash: sealer.keyHash }] };
  const page = readFileSync(withoutKeys, 'utf8');
  writeFileSync(
    withKeys,
    page.replace('id="known-keys">null', () => `id="known-keys">${JSON.stringify(keys)}`),
  );
  browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the page without any network and runs `visit`; the page must not have complained or asked for anything. */
async function opened(path: string, visit: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ko-KR', offline: true });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('request', (request) => void (request.url().startsWith('file:') || complaints.push(request.url())));
  await page.goto(pathToFileURL(path).href);
  await visit(page);
  expect(complaints).toEqual([]);
  await context.close();
}

async function choose(page: Page, content: string | Uint8Array): Promise<void> {
  await page
    .locator('#file')
    .setInputFiles({ name: 'receipt.json', mimeType: 'application/json', buffer: Buffer.from(content) });
}

const outcomesOf = (page: Page): Promise<string[]> =>
  page
    .locator('[data-step]')
    .evaluateAll((steps) =>
      steps.map((step) => `${step.getAttribute('data-step')} ${step.getAttribute('data-outcome')}`),
    );
const verdictOf = (page: Page): Promise<string | null> => page.getByTestId('verdict').getAttribute('data-kind');

test('a receipt that is chosen is real, in Korean first and in English, and axe finds nothing', async () => {
  await opened(withKeys, async (page) => {
    expect(await seriousFindings(page)).toEqual([]);
    await choose(page, text);
    await page.getByRole('heading', { name: '진짜 영수증이에요' }).waitFor();
    expect(await page.getByText('12,000 EST').count()).toBe(1);
    const outcomes = await outcomesOf(page);
    expect(outcomes).toHaveLength(10);
    expect(outcomes.every((outcome) => outcome.endsWith(' passed'))).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'This receipt is real' }).waitFor();
    expect(await page.getByText("The issuer's signature is right.").count()).toBe(1);
    expect(await seriousFindings(page)).toEqual([]);
  });
});

test('damaged receipts are refused with the step that found it', async () => {
  await opened(withKeys, async (page) => {
    const bytes = Buffer.from(text);
    for (let at = 3; at < bytes.length; at += 61) {
      await choose(page, Uint8Array.from(bytes).with(at, bytes[at]! ^ 1));
      await page.locator('[data-kind="invalid"] [data-outcome="failed"]').first().waitFor();
    }
    await choose(page, text.replace('"12,000 EST"', '"13,000 EST"'));
    await page.getByRole('heading', { name: '믿을 수 없는 영수증이에요' }).waitFor();
    await page.locator('[data-step="payment"][data-outcome="failed"]').waitFor();
    await choose(page, '<b>not a receipt</b>');
    await page.locator('[data-step="form"][data-outcome="failed"]').waitFor();
    expect(await page.getByText('12,000 EST').count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
  });
});

test('text that is pasted or a file that is dropped is checked as well', async () => {
  await opened(withKeys, async (page) => {
    await page.getByLabel('또는 내용을 붙여 넣어 주세요').fill(`\n${text}\n`);
    await page.getByRole('button', { name: '확인하기' }).click();
    expect(await verdictOf(page)).toBe('valid');
    await page.evaluate(`(() => {
      const given = new DataTransfer();
      given.items.add(new File(['{}'], 'receipt.json'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }));
    })()`);
    await page.locator('[data-kind="invalid"]').waitFor();
  });
});

test('a page that no keys came with says that it cannot tell, until the visitor enters some', async () => {
  await opened(withoutKeys, async (page) => {
    await choose(page, text);
    await page.getByRole('heading', { name: '틀린 곳은 없지만' }).waitFor();
    expect(await verdictOf(page)).toBe('keys-unknown');
    await page.getByText('믿는 열쇠', { exact: true }).click();
    await page.getByLabel('직접 비교할 열쇠').fill(`${issuer.keyId}\n${sealer.keyHash}`);
    await page.getByRole('button', { name: '확인하기' }).click();
    await page.getByRole('heading', { name: '진짜 영수증이에요' }).waitFor();
    await page.getByLabel('직접 비교할 열쇠').fill(`${issuer.keyId}\n0x${'1'.repeat(40)}`);
    await page.getByRole('button', { name: '확인하기' }).click();
    await page.locator('[data-step="sealer-key"][data-outcome="failed"]').waitFor();
  });
});

test('a memo that was shown can be checked', async () => {
  await opened(withKeys, async (page) => {
    await page.getByText('메모도 확인하기').click();
    await page.getByLabel('메모', { exact: true }).fill('점심');
    await page.getByLabel('메모 확인 값').fill('04'.repeat(32));
    await choose(page, text);
    await page.locator('[data-step="memo"][data-outcome="passed"]').waitFor();
    await page.getByLabel('메모', { exact: true }).fill('저녁');
    await page.getByRole('button', { name: '확인하기' }).click();
    await page.locator('[data-step="memo"][data-outcome="failed"]').waitFor();
  });
});
