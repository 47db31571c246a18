/** The scanner's pages in a browser, over an index of a long chain: first content, cold and warm, and the server's share of it. */
import { chromium, type Browser } from 'playwright-core';
import { systemClock } from '@jigeum/std';
import { ensureChromium } from '../../scripts/chromium.ts';
import { startInstance } from '../../test/instance.ts';
import type { BenchCase, BenchSetting, CaseReport } from '../bench-case.ts';
import { fillIndex } from '../scanner/fill.ts';
import { percentile } from '../summary.ts';
import { alignTable } from '../table.ts';

export const scannerPages: BenchCase = {
  name: 'scanner-pages',
  explains: 'first content of each page of the scanner over a long chain, cold and warm, in Chromium',
  secondsDefault: 1,
  connectionsDefault: 1,
  connectionsMax: 1,
  run,
};

/** Each page is opened so often cold and so often warm. */
const RUNS = 5;
const ANSWERS = 15;
/** Below the points that the server gives an address. */
const PAUSE_MS = 200;
const INDEXED_TRIES = 100;

interface ScannerPage {
  readonly name: string;
  readonly path: string;
  /** Is there when the page shows what it is about. */
  readonly content: string;
  /** What the page asks the server. */
  readonly asks: string;
}

interface PageSamples {
  readonly page: ScannerPage;
  readonly coldPaintMs: number[];
  readonly coldContentMs: number[];
  readonly warmPaintMs: number[];
  readonly warmContentMs: number[];
  readonly answerMs: number[];
}

async function run({ transactions, accounts, closing, say }: BenchSetting): Promise<CaseReport> {
  const executablePath = await ensureChromium();
  const instance = await startInstance({ hasWeb: true, hasPeople: true });
  closing.defer(() => instance.stop());
  const owner = await instance.connectOwner();
  closing.defer(() => owner.end());
  const { symId, contract } = await someone(instance.places.webUrl);
  say(`Filling the index with ${transactions} transactions of ${accounts} accounts …`);
  const startedMs = systemClock.monotonicMs();
  const { newestBlock, transactionHash } = await fillIndex(owner, { transactions, accounts, contract, symId });
  say(`Filled in ${((systemClock.monotonicMs() - startedMs) / 1000).toFixed(0)} s.`);
  const row = '.scan-list .scan-row';
  const pages: ScannerPage[] = [
    { name: 'overview', path: '/scan', content: row, asks: '/v1/scan' },
    { name: 'blocks', path: '/scan/blocks', content: row, asks: '/v1/scan/blocks' },
    { name: 'transactions', path: '/scan/transactions', content: row, asks: '/v1/scan/transactions' },
    { name: 'tokens', path: '/scan/tokens', content: row, asks: '/v1/scan/tokens' },
    { name: 'block', path: `/scan/blocks/${newestBlock}`, content: row, asks: `/v1/scan/blocks/${newestBlock}` },
    {
      name: 'transaction',
      path: `/scan/transactions/${transactionHash}`,
      content: '.scan-headline',
      asks: `/v1/scan/transactions/${transactionHash}`,
    },
    { name: 'account', path: `/scan/accounts/${symId}`, content: row, asks: `/v1/scan/accounts/${symId}` },
    { name: 'token', path: `/scan/tokens/${contract}`, content: row, asks: `/v1/scan/tokens/${contract}` },
    { name: 'search', path: '/scan/search?q=token', content: row, asks: '/v1/scan/search?q=token' },
  ];
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  closing.defer(() => browser.close());
  const samples: PageSamples[] = [];
  for (const page of pages) {
    say(`Opening ${page.name} …`);
    samples.push({
      page,
      ...(await openPage(browser, instance.places.webUrl, page)),
      answerMs: await timeAnswers(instance.places.webUrl + page.asks),
    });
  }
  return report(samples, { transactions, accounts });
}

/** A person and a token that the chain has, once the index has them too. */
async function someone(webUrl: string): Promise<{ symId: string; contract: string }> {
  for (let tries = 0; tries < INDEXED_TRIES; tries++) {
    const { items } = (await (await fetch(`${webUrl}/v1/scan/transactions`)).json()) as {
      items: { call: { method: string; to: string; contract: string } | null }[];
    };
    const call = items.find((item) => item.call?.method === 'TRANSFER')?.call;
    if (call !== null && call !== undefined) return { symId: call.to, contract: call.contract };
    await pause();
  }
  throw new Error('Expected a transfer of a token in the index of the new chain, got none.');
}

async function openPage(
  browser: Browser,
  webUrl: string,
  page: ScannerPage,
): Promise<Omit<PageSamples, 'page' | 'answerMs'>> {
  const samples = { coldPaintMs: [], coldContentMs: [], warmPaintMs: [], warmContentMs: [] } as Record<
    'coldPaintMs' | 'coldContentMs' | 'warmPaintMs' | 'warmContentMs',
    number[]
  >;
  for (let count = 0; count < RUNS; count++) {
    // A context has no cache of another: the first visit is cold, the second warm.
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, serviceWorkers: 'block' });
    await context.addInitScript(watchFor(page.content));
    const tab = await context.newPage();
    for (const heat of ['cold', 'warm'] as const) {
      await tab.goto(webUrl + page.path);
      const [paint, content] = (await tab.evaluate(TIMES)) as [number, number];
      samples[`${heat}PaintMs`].push(paint);
      samples[`${heat}ContentMs`].push(content);
      await pause();
    }
    await context.close();
  }
  return samples;
}

/** Runs in the page, before its own script. */
const watchFor = (selector: string): string => `{
  const look = () => {
    if (document.querySelector(${JSON.stringify(selector)}) === null) requestAnimationFrame(look);
    else globalThis.contentMs = performance.now();
  };
  requestAnimationFrame(look);
}`;
/** Both times, once there are both. */
const TIMES = `new Promise((resolve) => {
  const look = () => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    if (paint === undefined || globalThis.contentMs === undefined) setTimeout(look, 20);
    else resolve([paint.startTime, globalThis.contentMs]);
  };
  look();
})`;

async function timeAnswers(url: string): Promise<number[]> {
  const samples: number[] = [];
  for (let count = 0; count < ANSWERS; count++) {
    const startedMs = systemClock.monotonicMs();
    const answer = await fetch(url);
    await answer.text();
    if (!answer.ok) throw new Error(`Expected an answer from ${url}, got status ${answer.status}.`);
    samples.push(systemClock.monotonicMs() - startedMs);
    await pause();
  }
  return samples;
}

const pause = () => new Promise((resume) => setTimeout(resume, PAUSE_MS));

const median = (samples: readonly number[]): number => percentile(Float64Array.from(samples).toSorted(), 50);

function report(samples: readonly PageSamples[], chain: { transactions: number; accounts: number }): CaseReport {
  const figures = samples.map(({ page, ...measured }) => ({
    page: page.name,
    coldPaintMs: median(measured.coldPaintMs),
    coldContentMs: median(measured.coldContentMs),
    warmPaintMs: median(measured.warmPaintMs),
    warmContentMs: median(measured.warmContentMs),
    answerMs: median(measured.answerMs),
  }));
  const head = ['median of', 'cold first paint', 'cold content', 'warm first paint', 'warm content', 'answer'];
  const rows = figures.map(({ page, ...times }) => [page, ...Object.values(times).map((ms) => `${ms.toFixed(0)} ms`)]);
  return {
    text: [
      `${chain.transactions} transactions, ${chain.accounts} accounts; ${RUNS} cold and ${RUNS} warm visits, ${ANSWERS} answers each`,
      '',
      ...alignTable([head, ...rows]),
    ].join('\n'),
    figures,
    samples,
    plots: [],
    errors: 0,
  };
}
