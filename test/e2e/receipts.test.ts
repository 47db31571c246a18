/** A payment's receipt in the whole product: on the screen, on paper, as a file; and checked when the product is gone. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testPeople } from '../../apps/cli/src/embedded/test-people.ts';
import { createPerson } from '../../apps/cli/src/person.ts';
import { ensureChromium } from '../../scripts/chromium.ts';
import { startInstance, type TestInstance } from '../instance.ts';
import { seriousFindings, WAIT_MS } from './app.ts';

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const stranger = fileURLToPath(new URL('../independent/verify-receipt.ts', import.meta.url));
const [payer, payee] = testPeople as [(typeof testPeople)[number], (typeof testPeople)[number]];

let folder: string;
let instance: TestInstance;
let browser: Browser;
let page: Page;
let transferId: string;
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-receipts-e2e-'));
  const executablePath = await ensureChromium();
  instance = await startInstance({ hasWeb: true, hasPeople: true });
  const person = createPerson(instance.places, payer);
  await person.logIn();
  ({ transferId } = await person.pay(payee.memberId, 12_345n));
  await person.untilFinal(transferId);
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const context = await browser.newContext({
    baseURL: instance.places.webUrl,
    viewport: { width: 390, height: 844 },
    locale: 'ko-KR',
    serviceWorkers: 'block',
  });
  context.setDefaultTimeout(WAIT_MS);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (/Content Security/.test(message.text()) && complaints.push(message.text())));
  await page.goto('/login');
  await page.getByRole('textbox', { name: 'ID' }).fill(payer.memberId);
  await page.locator('input[type="password"]').fill(payer.passphrase);
  await page.keyboard.press('Enter');
  await page.getByText('보낼 수 있는 돈').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await instance?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Pages and size in points of what the browser prints. */
async function printed(): Promise<{ pages: number; width: number; height: number }> {
  const text = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
  const [, width, height] = /\/MediaBox\s*\[0 0 ([0-9.]+) ([0-9.]+)\]/.exec(text)!;
  return { pages: Number(/\/Count ([0-9]+)/.exec(text)![1]), width: Number(width), height: Number(height) };
}

const MM = 72 / 25.4;

describe('the receipt of a payment', () => {
  test('is a sheet with masked names, amount, time and number, which axe finds nothing on', async () => {
    await page.goto(`/history/${transferId}`);
    await page.getByRole('link', { name: '영수증 인쇄하거나 파일로 받기' }).click();
    const sheet = page.getByTestId('paper');
    await sheet.waitFor();
    const text = await sheet.innerText();
    for (const part of ['12,345원', '보낸 분', '김*나', '받은 분', '이*리', '완료', transferId])
      expect(text).toContain(part);
    expect(text).not.toContain(payer.memberId);
    await page.getByRole('img', { name: /공개 스캐너/ }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('prints on one page of A4, and on one piece of till paper as long as it needs', async () => {
    const a4 = await printed();
    expect(a4.pages).toBe(1);
    expect(a4.width / MM).toBeCloseTo(210, 0);
    await page.getByRole('radio', { name: /80 mm/ }).click();
    const till = await printed();
    expect(till.pages).toBe(1);
    expect(till.width / MM).toBeCloseTo(80, 0);
    expect(till.height).toBeLessThan(a4.height);
  });

  test('is saved as the same file by payer and payee, and verifies with the server, the node and all data gone', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: '파일로 받기' }).click();
    const receipt = join(folder, 'receipt.json');
    const saved = await download;
    expect(saved.suggestedFilename()).toBe(`jigeum-receipt-${transferId}.json`);
    await saved.saveAs(receipt);
    const other = createPerson(instance.places, payee);
    await other.logIn();
    const { file } = await other.api.call('getReceipt', { params: { transferId } });
    expect(readFileSync(receipt, 'utf8')).toBe(file);
    for (const person of [payer, payee])
      for (const secret of [person.memberId, person.name, person.phone]) expect(file).not.toContain(secret);
    const keysText = await (await fetch(`${instance.places.webUrl}/v1/receipts/keys`)).text();
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, keysText);
    const verifier = join(folder, 'verify.html');
    writeFileSync(verifier, await (await fetch(`${instance.places.webUrl}/verify`)).text());
    await instance.stop();

    const { status, stdout } = spawnSync(process.execPath, [main, 'verify', receipt, '--keys', keys], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('This receipt is valid.');
    expect(stdout).toContain('12,345 EST');
    expect(status).toBe(0);
    const { issuerKeys, sealers } = JSON.parse(keysText) as {
      issuerKeys: { publicKey: string }[];
      sealers: { keyHash: string }[];
    };
    const alone = spawnSync(process.execPath, [stranger, issuerKeys[0]!.publicKey, sealers[0]!.keyHash, receipt], {
      encoding: 'utf8',
    });
    expect(alone.stdout).toMatch(/^holds: 12,345 EST from 0x/);
    expect(alone.status).toBe(0);
    await page.goto(pathToFileURL(verifier).href);
    await page.locator('#file').setInputFiles(receipt);
    await page.getByRole('heading', { name: '진짜 영수증이에요' }).waitFor();
  });
});
