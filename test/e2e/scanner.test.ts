/** The public scanner of a whole instance, in a browser: live rows, search, and a check that believes nobody. */
import { chromium, type Browser, type BrowserContext, type Page, type Route } from 'playwright-core';
import { createApiClient, type ScanWholeTransactionView } from '@jigeum/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPerson, type Person } from '../../apps/cli/src/person.ts';
import { testPeople } from '../../apps/cli/src/embedded/test-people.ts';
import { verifyTransaction } from '../../apps/web/src/scan/verify.ts';
import { ensureChromium } from '../../scripts/chromium.ts';
import { startInstance, type TestInstance } from '../instance.ts';
import { seriousFindings, WAIT_MS } from './app.ts';

const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
/** 1280 px at 400 %, to which every page has to shrink without being scrolled sideways. */
const NARROW = { width: 320, height: 640 };

let instance: TestInstance;
let browser: Browser;
let payer: Person;
let hash: string;
let contract: string;
let symId: string;
let blockNumber: number;

interface ScanTransaction {
  hash: string;
  from: string;
  blockNumber: number;
  call: { method: string; contract: string; amount: string | null } | null;
}

const scan = async <T>(path: string): Promise<T> =>
  (await (await fetch(`${instance.places.webUrl}/v1/scan${path}`)).json()) as T;

/** The payment's transaction, once the index has it. */
async function transactionOf(won: bigint): Promise<ScanTransaction> {
  const amount = (won * 10n ** 18n).toString();
  for (let tries = 0; tries < 100; tries++) {
    const { items } = await scan<{ items: ScanTransaction[] }>('/transactions?limit=100');
    const found = items.find(({ call }) => call?.method === 'TRANSFER' && call.amount === amount);
    if (found !== undefined) return found;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`Expected a transfer of ${won} won in the index within 10 s.`);
}

beforeAll(async () => {
  const executablePath = await ensureChromium();
  instance = await startInstance({ hasWeb: true, hasPeople: true });
  const [first, second] = testPeople as [(typeof testPeople)[number], (typeof testPeople)[number]];
  payer = createPerson(instance.places, first);
  await payer.logIn();
  const { transferId } = await payer.pay(second.memberId, 1_234n);
  await payer.untilFinal(transferId);
  const transaction = await transactionOf(1_234n);
  hash = transaction.hash;
  contract = transaction.call!.contract;
  symId = transaction.from;
  blockNumber = transaction.blockNumber;
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  await instance?.stop();
});

async function open(
  path: string,
  look: { viewport?: typeof WIDE; language?: 'ko' | 'en'; colours?: 'light' | 'dark' } = {},
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({
    baseURL: instance.places.webUrl,
    viewport: look.viewport ?? WIDE,
    colorScheme: look.colours ?? 'light',
    locale: 'ko-KR',
    serviceWorkers: 'block',
  });
  context.setDefaultTimeout(WAIT_MS);
  await context.addInitScript(`localStorage.setItem('jigeum.settings', '{"language":"${look.language ?? 'ko'}"}')`);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(path);
  return { page, context, complaints };
}

describe('the overview', () => {
  test('shows a new transaction without being asked, over one connection and no further questions', async () => {
    const { page, context, complaints } = await open('/scan');
    await page.getByText('실시간', { exact: true }).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const [, second] = testPeople;
    await payer.pay(second!.memberId, 77n);
    await page.getByRole('link', { name: '77 EST 보내기' }).waitFor();
    expect(asked.filter((path) => path.startsWith('/v1/'))).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('has no connection while its tab is hidden, and asks anew when it is shown again', async () => {
    const { page, context } = await open('/scan');
    await page.getByText('실시간', { exact: true }).waitFor();
    const streams = async (): Promise<number> => {
      const text = await (await fetch(`${instance.places.webUrl}/metrics`)).text();
      return Number(/^\w*scan_streams(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1] ?? -1);
    };
    await expect.poll(streams).toBe(1);
    await page.evaluate(HIDE);
    await expect.poll(streams).toBe(0);
    await page.evaluate(SHOW);
    await expect.poll(streams).toBe(1);
    await context.close();
    await expect.poll(streams).toBe(0);
  });

  test('holds its rows still while somebody points at them', async () => {
    const { page, context } = await open('/scan');
    await page.getByText('실시간', { exact: true }).waitFor();
    const row = page.locator('a[href^="/scan/transactions/0x"]').first();
    await row.hover();
    const before = await row.getAttribute('href');
    const [, second] = testPeople;
    await payer.pay(second!.memberId, 78n);
    await page.getByText('가리키는 동안 멈춰 있어요').last().waitFor();
    expect(await row.getAttribute('href')).toBe(before);
    await page.mouse.move(2, 2);
    await page.getByRole('link', { name: '78 EST 보내기' }).waitFor();
    await context.close();
  });
});

/** Playwright's pages are never hidden: the two properties and the event are all that the page can see of it. */
const HIDE = `Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));`;
const SHOW = `Object.defineProperty(document, 'hidden', { value: false, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));`;

describe('the search', () => {
  test('is reached with the key / and finds anything by what names it', async () => {
    const { page, context } = await open('/scan');
    const block = await scan<{ hash: string }>(`/blocks/${blockNumber}`);
    const expected = [
      [String(blockNumber), `/scan/blocks/${blockNumber}`],
      [block.hash, `/scan/blocks/${blockNumber}`],
      [hash, `/scan/transactions/${hash}`],
      [hash.slice(2).toUpperCase(), `/scan/transactions/${hash}`],
      [symId, `/scan/accounts/${symId}`],
      [contract, `/scan/tokens/${contract}`],
      ['est', `/scan/tokens/${contract}`],
      ['eSports', `/scan/tokens/${contract}`],
    ] as const;
    for (const [text, path] of expected) {
      await page.locator('h1').first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${path}`);
    }
    await context.close();
  });

  test('says clearly that nothing was found, and what can be searched', async () => {
    const { page, context } = await open('/scan');
    await page.locator('h1').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('없는 토큰');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '“없는 토큰”에 맞는 것이 없어요' }).waitFor();
    await page.getByText('블록 번호', { exact: true }).waitFor();
    await context.close();
  });
});

describe('verifying a transaction', () => {
  const verdictOf = async (page: Page): Promise<{ isValid: string | null; outcomes: Record<string, string> }> => {
    await page.getByRole('button', { name: '내 브라우저에서 검증하기' }).click();
    const verdict = page.getByTestId('verdict');
    await verdict.waitFor();
    const rows = await verdict.locator('.scan-checks > li').all();
    const outcomes: Record<string, string> = {};
    for (const row of rows)
      outcomes[(await row.getAttribute('data-check')) ?? ''] = (await row.getAttribute('data-outcome')) ?? '';
    return { isValid: await verdict.getAttribute('data-valid'), outcomes };
  };

  test('passes every check, and the proof can be downloaded', async () => {
    const { page, context, complaints } = await open(`/scan/transactions/${hash}`);
    expect(await verdictOf(page)).toEqual({
      isValid: 'true',
      outcomes: {
        chain: 'passed',
        transaction: 'passed',
        signature: 'passed',
        header: 'passed',
        seal: 'passed',
        'transaction-inclusion': 'passed',
        'receipt-inclusion': 'passed',
        signer: 'passed',
        page: 'passed',
      },
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: '증명 내려받기' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`proof-${hash}.json`);
    expect(complaints).toEqual([]);
    await context.close();
  });

  type Proof = Record<string, string | string[]>;
  const flip = (hex: string, at: number): string =>
    `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
  const flipped = (field: string, at: number) => (proof: Proof) => {
    const value = proof[field]!;
    return Array.isArray(value)
      ? { ...proof, [field]: [flip(value[0]!, at), ...value.slice(1)] }
      : { ...proof, [field]: flip(value, at) };
  };

  test.each([
    ['header', 'seal', flipped('header', 40)],
    ['seal', 'seal', flipped('sign', 20)],
    ['receipt', 'receipt-inclusion', flipped('receipt', 8)],
    ['transaction', 'transaction', flipped('transaction', 40)],
    ['node on the transaction’s path', 'transaction-inclusion', flipped('transactionProof', 12)],
    ['node on the receipt’s path', 'receipt-inclusion', flipped('receiptProof', 12)],
    ['chain', 'chain', (proof: Proof) => ({ ...proof, chainId: '0x1' })],
    ['sealer’s key', 'seal', flipped('sealerKeyHash', 10)],
  ])('fails visibly where the %s was tampered with on its way', async (_what, failing, tamper) => {
    const { page, context } = await open(`/scan/transactions/${hash}`);
    await page.route('**/proof', async (route: Route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: tamper((await answer.json()) as Proof) });
    });
    const { isValid, outcomes } = await verdictOf(page);
    expect(isValid).toBe('false');
    expect(outcomes[failing]).toBe('failed');
    await page.getByText('맞지 않는 것이 있어요').waitFor();
    await context.close();
  });

  test('fails where the page itself says something else than what is proven', async () => {
    const { page, context } = await open('/scan');
    await page.route(`**/v1/scan/transactions/${hash}`, async (route: Route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), state: 'reverted' } });
    });
    await page.goto(`/scan/transactions/${hash}`);
    const { isValid, outcomes } = await verdictOf(page);
    expect(isValid).toBe('false');
    expect(outcomes['page']).toBe('failed');
    await context.close();
  });

  test('finds whatever the page may say wrongly, but the name and the decimals of a token', async () => {
    const api = createApiClient({ baseUrl: instance.places.webUrl });
    const answersFor = async (asked: string) => {
      const params = { hash: asked };
      const shown = await api.call('scanTransaction', { params });
      const [proof, chain, sender] = await Promise.all([
        api.call('scanProof', { params }),
        api.call('scanChain', {}),
        api.call('scanAccount', { params: { symId: shown.from }, query: { limit: 1 } }),
      ]);
      const trust = { chainId: chain.chainId, sealerKeyHash: chain.sealer!.keyHash };
      return { hash: asked, proof, shown, trust, senderKeyHash: sender.citizen?.keyHash ?? null };
    };
    type Answers = Awaited<ReturnType<typeof answersFor>>;
    const verdictOn = (answers: Answers, change: (shown: ScanWholeTransactionView) => ScanWholeTransactionView) => {
      const { isValid, checks } = verifyTransaction({ ...answers, shown: change(answers.shown) });
      return { isValid, failed: checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name) };
    };
    type Call = NonNullable<ScanWholeTransactionView['call']>;
    const inCall = (change: Partial<Call>) => (shown: ScanWholeTransactionView) => ({
      ...shown,
      call: { ...shown.call!, ...change },
    });
    const { items } = await api.call('scanTransactions', { query: { limit: 100 } });
    const moved = await answersFor(hash);
    const created = await answersFor(items.find(({ call }) => call?.method === 'CREATE')!.hash);
    expect(verdictOn(moved, (shown) => shown)).toEqual({ isValid: true, failed: [] });
    expect(verdictOn(created, (shown) => shown)).toEqual({ isValid: true, failed: [] });
    expect(verdictOn(moved, inCall({ tokenSymbol: 'WON', tokenDecimals: 2 }))).toMatchObject({ isValid: true });
    const lies: ((shown: ScanWholeTransactionView) => ScanWholeTransactionView)[] = [
      (shown) => ({ ...shown, hash: created.hash }),
      (shown) => ({ ...shown, blockNumber: shown.blockNumber! + 1 }),
      (shown) => ({ ...shown, position: shown.position! + 1 }),
      (shown) => ({ ...shown, at: '2026-01-01T00:00:00.000Z' }),
      (shown) => ({ ...shown, state: 'reverted' }),
      (shown) => ({ ...shown, kind: 'deposit' }),
      (shown) => ({ ...shown, from: contract }),
      (shown) => ({ ...shown, to: symId }),
      (shown) => ({ ...shown, nonce: shown.nonce + 1 }),
      (shown) => ({ ...shown, valueHug: 1n }),
      (shown) => ({ ...shown, gasUsed: shown.gasUsed! - 1 }),
      (shown) => ({ ...shown, feeHug: shown.feeHug! - 1n }),
      (shown) => ({ ...shown, error: { code: 2000, ko: '잔액이 부족해요.', en: 'The balance is too low.' } }),
      (shown) => ({ ...shown, rawTransaction: '0x00' }),
      (shown) => ({ ...shown, rawTransaction: null }),
      (shown) => ({ ...shown, call: null }),
      inCall({ template: 'sct21' }),
      inCall({ method: 'MINT' }),
      inCall({ contract: symId }),
      inCall({ from: contract }),
      inCall({ to: contract }),
      inCall({ amount: 999_999n }),
      inCall({ amount: null }),
      (shown) => inCall({ args: { ...shown.call!.args, amount: '1' } })(shown),
      (shown) => inCall({ args: { ...shown.call!.args, note: 'x' } })(shown),
      inCall({ args: {} }),
    ];
    for (const lie of lies) expect(verdictOn(moved, lie), lie.toString()).toEqual({ isValid: false, failed: ['page'] });
    for (const args of [{ symbol: 'WON' }, { name: 'another' }])
      expect(verdictOn(created, (shown) => inCall({ args: { ...shown.call!.args, ...args } })(shown))).toEqual({
        isValid: false,
        failed: ['page'],
      });
  });

  test('notices that the server names another sealer than before', async () => {
    const { page, context } = await open(`/scan/transactions/${hash}`);
    const { chainId } = await scan<{ chainId: number }>('/chain');
    await page.evaluate(
      `localStorage.setItem('jigeum.scan.sealer.${chainId}', '{"keyHash":"0x${'5'.repeat(40)}","since":"2026-01-01T00:00:00.000Z"}')`,
    );
    const { isValid, outcomes } = await verdictOf(page);
    expect(isValid).toBe('false');
    expect(outcomes['seal']).toBe('failed');
    await page.getByRole('button', { name: '지금 서버가 말하는 키를 새로 믿기' }).click();
    await page.getByText('모두 맞아요').waitFor();
    await context.close();
  });

  test('says that nothing is known where no proof came', async () => {
    const { page, context } = await open(`/scan/transactions/${hash}`);
    await page.route('**/proof', (route) => route.abort());
    await page.getByRole('button', { name: '내 브라우저에서 검증하기' }).click();
    await page.getByText('증명을 받지 못했어요').waitFor();
    await context.close();
  });
});

describe('the sealer’s key that a visitor gives himself', () => {
  const OTHER = `0x${'5'.repeat(40)}`;
  let sealerKey: string;
  let chainId: number;
  beforeAll(async () => {
    const chain = await scan<{ chainId: number; sealer: { keyHash: string } }>('/chain');
    chainId = chain.chainId;
    sealerKey = chain.sealer.keyHash;
  });

  const give = async (page: Page, text: string): Promise<void> => {
    await page.getByRole('button', { name: /^(?:직접 넣기|바꾸기)$/ }).click();
    await page.getByLabel('봉인 키', { exact: true }).fill(text);
    await page.getByRole('button', { name: '이 키로 검증하기' }).click();
  };
  const sealOf = async (page: Page): Promise<{ isValid: string | null; seal: string | null }> => {
    const verdict = page.getByTestId('verdict');
    await verdict.waitFor();
    return {
      isValid: await verdict.getAttribute('data-valid'),
      seal: await verdict.locator('[data-check="seal"]').getAttribute('data-outcome'),
    };
  };

  test('verifies what it has sealed, is named as his, survives a reload, and gives way to first sight when he removes it', async () => {
    const { page, context, complaints } = await open(`/scan/transactions/${hash}`);
    await give(page, `${chainId}:${sealerKey}`);
    expect(await sealOf(page)).toEqual({ isValid: 'true', seal: 'passed' });
    await page.getByText(new RegExp(`^봉인 키\\(${sealerKey}\\)는 .* 직접 넣은 값이에요`)).waitFor();
    expect(await page.getByText('처음 본').count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);

    await page.reload();
    await page.getByText(`${chainId}:${sealerKey}`).waitFor();
    await page.getByRole('button', { name: '내 브라우저에서 검증하기' }).click();
    await page.getByText('직접 넣은 값이에요').waitFor();

    await page.getByRole('button', { name: '지우기' }).click();
    await page.getByText(new RegExp(`^봉인 키\\(${sealerKey}\\)는 이 브라우저가 .* 처음 본 값이에요`)).waitFor();
    expect(await sealOf(page)).toEqual({ isValid: 'true', seal: 'passed' });
    expect(await page.getByText('직접 넣은 값이에요').count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('refuses a block that another key has sealed, names both keys, and offers no way around his own', async () => {
    const { page, context } = await open(`/scan/transactions/${hash}`);
    await give(page, OTHER);
    expect(await sealOf(page)).toEqual({ isValid: 'false', seal: 'failed' });
    await page.getByText('직접 넣은 키로 봉인한 블록이 아니에요').waitFor();
    await page.getByText(`넣은 키: ${OTHER}. 받은 증명의 키: ${sealerKey}.`).waitFor();
    expect(await page.getByText('맞지 않는 것이 있어요').count()).toBe(0);
    expect(await page.getByRole('button', { name: '지금 서버가 말하는 키를 새로 믿기' }).count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    await give(page, sealerKey);
    await page.getByText('모두 맞아요').waitFor();
    await context.close();
  });

  test('counts on whatever chain the server names, and on his chain alone where he gave one', async () => {
    const { page, context } = await open(`/scan/transactions/${hash}`);
    await page.route('**/v1/scan/chain', async (route: Route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), chainId: chainId + 1 } });
    });
    await give(page, OTHER);
    expect(await sealOf(page)).toEqual({ isValid: 'false', seal: 'failed' });
    await page.unroute('**/v1/scan/chain');
    await give(page, `${chainId + 1}:${sealerKey}`);
    await page.getByText('다른 체인의 증명이에요').waitFor();
    expect((await sealOf(page)).isValid).toBe('false');
    await context.close();
  });

  test('is told what is wrong with what he has entered, and nothing of it is kept', async () => {
    const { page, context } = await open(`/scan/transactions/${hash}`);
    await page.getByRole('button', { name: '직접 넣기' }).click();
    const input = page.getByLabel('봉인 키', { exact: true });
    for (const [text, sentence] of [
      ['', '봉인 키를 넣어 주세요.'],
      [symId, '20자리는 SymID예요.'],
      ['01'.repeat(32), '비밀 열쇠는 어디에도 넣지 마세요.'],
      [`0:${sealerKey}`, '체인 번호는 0이 아닌 숫자예요.'],
      [sealerKey.slice(0, -1), '빠진 글자가 없는지 봐 주세요.'],
    ] as const) {
      await input.fill(text);
      await page.getByRole('button', { name: '이 키로 검증하기' }).click();
      await page.getByRole('alert').getByText(sentence).waitFor();
      expect(await input.getAttribute('aria-invalid')).toBe('true');
      expect(await page.evaluate('document.activeElement?.tagName')).toBe('INPUT');
    }
    await input.fill('01'.repeat(32));
    await page.getByRole('button', { name: '이 키로 검증하기' }).click();
    await expect.poll(() => input.inputValue()).toBe('');
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(`localStorage.getItem('jigeum.scan.sealer.given')`)).toBeNull();
    await context.close();
  });

  test('comes from a link only after he has agreed, and never silently instead of his own', async () => {
    const { page, context, complaints } = await open(`/scan/transactions/${hash}#sealer=${chainId}:${sealerKey}`);
    const stored = () => page.evaluate(`JSON.parse(localStorage.getItem('jigeum.scan.sealer.given'))?.keyHash ?? null`);
    await page.getByText('이 링크가 봉인 키를 알려 주려고 해요').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(await stored()).toBeNull();
    await page.getByRole('button', { name: '내 브라우저에서 검증하기' }).click();
    await page.getByText('처음 본 값이에요').waitFor();
    await page.getByRole('button', { name: '이 키 믿기' }).click();
    await page.getByText('직접 넣은 값이에요').waitFor();
    expect(await stored()).toBe(sealerKey);
    expect(new URL(page.url()).hash).toBe('');

    await page.evaluate(`location.hash = 'sealer=${OTHER}'`);
    await page.getByText(`직접 넣은 키 ${chainId}:${sealerKey} 대신 믿게 돼요.`).waitFor();
    expect(await stored()).toBe(sealerKey);
    await page.getByRole('button', { name: '쓰지 않기' }).click();
    await page.getByText('대신 믿게 돼요').waitFor({ state: 'detached' });
    expect(await stored()).toBe(sealerKey);
    expect(new URL(page.url()).hash).toBe('');

    await page.evaluate(`location.hash = 'sealer=${symId}'`);
    await page.getByText('링크에 있는 봉인 키를 쓸 수 없어요').waitFor();
    await page.getByText('20자리는 SymID예요.').waitFor();
    expect(await page.getByRole('button', { name: /^이 키/ }).count()).toBe(0);
    await page.evaluate(`location.hash = 'sealer=${chainId}:${sealerKey}'`);
    await page.getByText('링크에 있는 봉인 키를 쓸 수 없어요').waitFor({ state: 'detached' });
    expect(await page.getByText(/^이 링크가/).count()).toBe(0);
    expect(await stored()).toBe(sealerKey);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

test('a block of 5,000 transactions is shown by hundreds, and says how many are shown; one of none says so', async () => {
  const { page, context } = await open('/scan');
  const { rawTransaction: _, ...row } = await scan<ScanTransaction & { rawTransaction: string }>(
    `/transactions/${hash}`,
  );
  await page.route(`**/v1/scan/blocks/${blockNumber}?*`, async (route: Route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit'));
    const transactions = Array.from({ length: to - from }, (_one, index) => ({
      ...row,
      hash: `0x${(from + index).toString().padStart(64, '0')}`,
      position: from + index,
    }));
    const block = (await (await route.fetch({ url: route.request().url().split('?')[0]! })).json()) as object;
    await route.fulfill({ json: { ...block, transactionCount: 5_000, transactions, nextCursor: String(to) } });
  });
  await page.goto(`/scan/blocks/${blockNumber}`);
  await page.getByRole('heading', { name: '거래 5,000', exact: true }).waitFor();
  expect(await page.locator('main li').count()).toBe(20);
  await page.getByRole('button', { name: '더 보기 (20 / 5,000)' }).click();
  await page.getByRole('button', { name: '더 보기 (120 / 5,000)' }).click();
  await page.getByRole('button', { name: '더 보기 (220 / 5,000)' }).waitFor();
  expect(await page.locator('main li').count()).toBe(220);
  await page.goto('/scan/blocks/0');
  await page.getByText('이 블록에는 거래가 없어요.').waitFor();
  expect(await page.getByRole('button', { name: '더 보기' }).count()).toBe(0);
  await context.close();
});

describe('what strangers have written into the chain', () => {
  const RTL = 'שקל חדש';
  const LONG = 'A'.repeat(256);
  const BIGGEST = (2n ** 256n - 1n).toString();
  const BIGGEST_TEXT =
    '115,792,089,237,316,195,423,570,985,008,687,907,853,269,984,665,640,564,039,457.584007913129639935';
  const made = (index: number): string => `0x${'0'.repeat(63)}${index}`;

  interface Strange {
    name: string;
    symbol: string;
    amount?: string;
  }

  /** The scanner, where every token and item has such a name and each kind of call with a text in it has been made; and its pages. */
  async function openStrange(
    { name, symbol, amount = '1234000000000000000000' }: Strange,
    look: Parameters<typeof open>[1],
  ): Promise<{ page: Page; context: BrowserContext; paths: string[] }> {
    const facts = { name, type: symbol, price: '300', state: '0' };
    const items = [12, 13].map((index) => ({ contract, symbol, index, owner: symId, facts }));
    const calls = [
      { template: 'sct20', method: 'TRANSFER', amount, args: { to: symId, amount } },
      { template: 'sct20', method: 'CREATE', amount, args: { name, symbol, amount, owner: symId } },
      { template: 'sct30', method: 'CREATE', args: { name, symbol } },
      { template: 'sct40', method: 'CREATE', args: { name, symbol } },
      { template: 'sct40', method: 'CREATE_COUPON', args: { coupons: [{ name, count: '7', value: amount }] } },
      { template: 'sct50', method: 'CREATE', args: { party: name } },
      { template: 'sct51', method: 'CREATE_POLL', args: { agenda: name, options: [name, '7'] } },
    ].map((call) => ({
      ...{ tokenSymbol: symbol, tokenDecimals: 18, contract, from: symId, to: null, amount: null },
      ...call,
    }));
    const whole = await scan<ScanTransaction>(`/transactions/${hash}`);
    const { rawTransaction: _, ...row } = whole as ScanTransaction & { rawTransaction: string };
    const transactions = calls.map((call, index) => ({ ...row, hash: made(index), call }));
    const token = { name, symbol, supply: amount };
    /** What takes the place of the honest parts of an answer. */
    const strangeIn = (path: string, { items: own, tokens }: { items: object[]; tokens: object[] }): object => {
      if (path === '' || path.startsWith('/blocks/')) return { transactions };
      if (path === '/transactions') return { items: transactions };
      if (path === '/tokens')
        return { items: [...own.map((one) => ({ ...one, ...token })), { ...own[0], ...token, name: '', symbol: '' }] };
      if (path.endsWith('/holders')) return { items: own.map((one) => ({ ...one, balance: amount })) };
      if (path.startsWith('/tokens/')) return { ...token, transfers: transactions };
      const holdings = tokens.map((one) => ({ ...one, name, symbol, balance: amount }));
      return { balanceHug: amount, transactions, items, tokens: holdings };
    };
    const { page, context } = await open('/scan/search?q=', look);
    await page.route(/\/v1\/scan(?:[/?]|$)/, async (route: Route) => {
      const path = new URL(route.request().url()).pathname.replace('/v1/scan', '');
      if (path === '/events') return route.abort();
      const own = /^\/transactions\/0x0{63}([0-9])$/.exec(path)?.[1];
      if (own !== undefined) return route.fulfill({ json: { ...whole, ...transactions[Number(own)] } });
      const answer = await route.fetch();
      const json = (await answer.json()) as { items: object[]; tokens: object[] };
      return route.fulfill({ json: { ...json, ...strangeIn(path, json) } });
    });
    const paths = [
      '',
      '/transactions',
      '/tokens',
      `/tokens/${contract}`,
      `/accounts/${symId}`,
      `/blocks/${blockNumber}`,
    ];
    return { page, context, paths: [...paths, ...calls.map((_call, index) => `/transactions/${made(index)}`)] };
  }

  test('keeps its own direction where it is written from right to left, and moves no figure beside it', async () => {
    const { page, context, paths } = await openStrange({ name: RTL, symbol: RTL }, {});
    const findings: string[] = [];
    for (const path of paths) {
      await page.goto(`/scan${path}`);
      await page.locator('main bdi').first().waitFor();
      const bare = (await page.evaluate(NOT_ISOLATED)) as string[];
      findings.push(...bare.map((text) => `${path}: ${text}`));
    }
    expect(findings).toEqual([]);
    // The number of an item follows its name: without isolation it would stand on the name's left.
    await page.goto(`/scan/accounts/${symId}`);
    const title = page.locator('.scan-row-title', { hasText: '#12' });
    const [name, index] = [await title.locator('bdi').boundingBox(), await title.locator('.muted').boundingBox()];
    expect(index!.x).toBeGreaterThanOrEqual(name!.x + name!.width);
    await context.close();
  });

  test('fits where it is as long as the chain allows, and no digit of an amount is left out', async () => {
    for (const look of [{ viewport: PHONE }, { viewport: NARROW, language: 'en' }, { viewport: WIDE }] as const) {
      const { page, context, paths } = await openStrange({ name: LONG, symbol: LONG, amount: BIGGEST }, look);
      const findings: string[] = [];
      for (const path of paths) {
        await page.goto(`/scan${path}`);
        await page.locator('main bdi').first().waitFor();
        const wide = (await page.evaluate(TOO_WIDE)) as string[];
        findings.push(...wide.map((text) => `${path} ${look.viewport.width}: ${text}`));
        // Of the calls with a page of their own the first two are about an amount.
        const hasAmount = !path.startsWith('/transactions/0x') || /[01]$/.test(path);
        if (hasAmount && !(await page.locator('main').innerText()).includes(BIGGEST_TEXT))
          findings.push(`${path} ${look.viewport.width}: not the whole amount`);
      }
      expect(findings).toEqual([]);
      await page.goto('/scan/tokens');
      // A token without a name has its contract's.
      await page.getByRole('link', { name: contract, exact: true }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await context.close();
    }
  });
});

/** Runs in the page: its texts in Hebrew that stand outside of a `bdi`; a token's round mark has nothing beside it. */
const NOT_ISOLATED = `(() => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const bare = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (/[\u0590-\u05ff]/.test(data) && parentElement.closest('bdi, [aria-hidden="true"]') === null) bare.push(data);
  }
  return bare;
})()`;

/** Runs in the page: cards whose content is wider than they are, and whether the page itself is wider than the window. */
const TOO_WIDE = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
  ...[...document.querySelectorAll('.scan-card')]
    .filter((card) => card.scrollWidth > card.clientWidth)
    .map((card) => card.innerText.slice(0, 60)),
]`;

test('a fee is shown at the price that was paid', async () => {
  const { page, context } = await open('/scan');
  await page.route(`**/v1/scan/transactions/${hash}`, async (route: Route) => {
    const answer = await route.fetch();
    const shown = (await answer.json()) as { gasUsed: number };
    const feeHug = (BigInt(shown.gasUsed) * 25_000_000_000n).toString();
    await route.fulfill({ response: answer, json: { ...shown, feeHug } });
  });
  await page.goto(`/scan/transactions/${hash}`);
  await page.getByText('× 25 GHug').waitFor();
  await context.close();
});

describe('every page', () => {
  test('is without a serious finding of axe, at both widths, in both colours and languages', async () => {
    const pages = [
      ['/scan', /^(?:지금 일어나는 일|Happening now)$/],
      ['/scan/blocks', /^(?:블록|Blocks)$/],
      ['/scan/transactions', /^(?:거래|Transactions)$/],
      ['/scan/tokens', /^(?:토큰|Tokens)$/],
      [`/scan/blocks/${blockNumber}`, /^(?:블록|Block) [0-9,]+$/],
      [`/scan/transactions/${hash}`, /^(?:거래|Transaction)$/],
      [`/scan/accounts/${symId}`, 'SymID'],
      [`/scan/tokens/${contract}`, /eSportsToken/],
      ['/scan/search?q=nothing', /nothing/],
      ['/scan/blocks/999999999', /^(?:찾는 내용이 없어요|Nothing found)$/],
    ] as const;
    const findings: string[] = [];
    for (const look of [
      { viewport: WIDE, language: 'ko', colours: 'light' },
      { viewport: PHONE, language: 'en', colours: 'dark' },
    ] as const) {
      const { page, context, complaints } = await open('/scan', look);
      for (const [path, name] of pages) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1, name }).waitFor();
        if (path.includes('/transactions/0x')) {
          await page.getByRole('button', { name: /내 브라우저에서 검증하기|Verify in my browser/ }).click();
          await page.getByTestId('verdict').waitFor();
          for (const button of await page.getByRole('button', { name: /^(?:펼치기|Show)$/ }).all())
            await button.click();
        }
        findings.push(...(await seriousFindings(page)).map((finding) => `${path} ${look.colours}: ${finding}`));
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (overflow !== 0) findings.push(`${path} ${look.viewport.width}: ${String(overflow)} px too wide`);
      }
      expect(complaints).toEqual([]);
      await context.close();
    }
    expect(findings).toEqual([]);
  });

  test('says that it could not load, and loads when asked again', async () => {
    const { page, context } = await open('/scan/tokens');
    await page.route('**/v1/scan/blocks*', (route) => route.fulfill({ status: 503, body: 'a proxy' }));
    await page.goto('/scan/blocks');
    await page.getByRole('heading', { name: '불러오지 못했어요.' }).waitFor();
    await page.unroute('**/v1/scan/blocks*');
    await page.getByRole('button', { name: '다시 불러오기' }).click();
    await page.getByRole('heading', { level: 1, name: '블록' }).waitFor();
    await context.close();
  });
});

test('a visitor who asks too often is told to wait, and members are not', async () => {
  const answers = await Promise.all(
    Array.from({ length: 80 }, () => fetch(`${instance.places.webUrl}/v1/scan/accounts/${symId}`)),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(10);
  expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status === 200)[0]!.headers.get('cache-control')).toBe('public, max-age=1');
  expect((await payer.balance()).available).toBeGreaterThan(0n);
});
