/**
 * The scanner's pages in a browser, over an index of a long chain: first content, cold and warm, beside the same pages as
 * documents that need nothing else, and the server's share of it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { systemClock } from '@jigeum/std';
import { ensureChromium } from '../../scripts/chromium.ts';
import { startInstance } from '../../test/instance.ts';
import type { BenchCase, BenchSetting, CaseReport, Plot } from '../bench-case.ts';
import { startChild } from '../child.ts';
import { linePlot } from '../plot/line-plot.ts';
import { fillIndex } from '../scanner/fill.ts';
import { percentile } from '../summary.ts';
import { alignTable } from '../table.ts';

export const scannerPages: BenchCase = {
  name: 'scanner-pages',
  explains: 'first content of each page of the scanner over a long chain, against the bare document, in Chromium',
  secondsDefault: 5,
  connectionsDefault: 1,
  connectionsMax: 1,
  run,
};

/** Each page is opened so often cold and so often warm, and more often while its seconds last. */
const RUNS_MIN = 5;
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
  /** First paint of the reference. */
  readonly barePaintMs: number[];
  readonly coldPaintMs: number[];
  readonly coldContentMs: number[];
  readonly warmPaintMs: number[];
  readonly warmContentMs: number[];
  readonly answerMs: number[];
}

async function run({ transactions, accounts, seconds, closing, say }: BenchSetting): Promise<CaseReport> {
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
  const { webUrl } = instance.places;
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-bench-'));
  closing.defer(() => rmSync(folder, { recursive: true, force: true }));
  say('Keeping each page as a document …');
  await keepDocuments(browser, { webUrl, pages, folder });
  const bare = await startChild<{ origin: string }>(new URL('../programs/bare-documents.ts', import.meta.url), [
    folder,
  ]);
  closing.defer(() => bare.stop());
  const samples: PageSamples[] = [];
  for (const page of pages) {
    say(`Opening ${page.name} …`);
    samples.push({
      page,
      ...(await openPage(browser, { webUrl, bareUrl: `${bare.ready.origin}/${page.name}`, page, seconds })),
      answerMs: await timeAnswers(webUrl + page.asks),
    });
  }
  return report(samples, { transactions, accounts });
}

/** A first visit of each page, which is the warm-up: what it shows, its style with it, as a file. */
async function keepDocuments(
  browser: Browser,
  {
    webUrl,
    pages,
    folder,
  }: { readonly webUrl: string; readonly pages: readonly ScannerPage[]; readonly folder: string },
): Promise<void> {
  for (const page of pages) {
    const context = await newVisitor(browser, page);
    const tab = await context.newPage();
    await timesOf(tab, webUrl + page.path);
    writeFileSync(join(folder, page.name), await tab.evaluate<string>(DOCUMENT));
    await context.close();
    await pause();
  }
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
  order: { readonly webUrl: string; readonly bareUrl: string; readonly page: ScannerPage; readonly seconds: number },
): Promise<Omit<PageSamples, 'page' | 'answerMs'>> {
  const { webUrl, bareUrl, page, seconds } = order;
  const samples = {
    ...{ barePaintMs: [] as number[], coldPaintMs: [] as number[], coldContentMs: [] as number[] },
    ...{ warmPaintMs: [] as number[], warmContentMs: [] as number[] },
  };
  const deadlineMs = systemClock.monotonicMs() + seconds * 1_000;
  while (samples.barePaintMs.length < RUNS_MIN || systemClock.monotonicMs() < deadlineMs) {
    // A context has no cache of another: the first visit is cold, the second warm.
    const context = await newVisitor(browser, page);
    const tab = await context.newPage();
    samples.barePaintMs.push((await timesOf(tab, bareUrl))[0]);
    for (const heat of ['cold', 'warm'] as const) {
      const [paint, content] = await timesOf(tab, webUrl + page.path);
      samples[`${heat}PaintMs`].push(paint);
      samples[`${heat}ContentMs`].push(content);
      await pause();
    }
    await context.close();
  }
  return samples;
}

async function newVisitor(browser: Browser, page: ScannerPage): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, serviceWorkers: 'block' });
  await context.addInitScript(watchFor(page.content));
  return context;
}

/** First paint and content, in ms from the beginning of the visit. */
async function timesOf(tab: Page, url: string): Promise<[number, number]> {
  await tab.goto(url);
  return (await tab.evaluate(TIMES)) as [number, number];
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

/** What the page shows now, with its style, without its script. */
const DOCUMENT = `(() => {
  const shown = document.documentElement.cloneNode(true);
  for (const element of shown.querySelectorAll('script, link')) element.remove();
  const style = document.createElement('style');
  style.textContent = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText).join('\\n');
  shown.querySelector('head').append(style);
  return '<!doctype html>' + shown.outerHTML;
})()`;

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
    barePaintMs: median(measured.barePaintMs),
    coldPaintMs: median(measured.coldPaintMs),
    coldContentMs: median(measured.coldContentMs),
    warmPaintMs: median(measured.warmPaintMs),
    warmContentMs: median(measured.warmContentMs),
    answerMs: median(measured.answerMs),
    ratio: median(measured.barePaintMs) / median(measured.coldPaintMs),
  }));
  const head = ['median of', 'bare document', 'cold first paint', 'cold content'];
  head.push('warm first paint', 'warm content', 'answer', 'ratio');
  const rows = figures.map(({ page, ratio, ...times }) => [
    page,
    ...Object.values(times).map((ms) => `${ms.toFixed(0)} ms`),
    ratio.toFixed(2),
  ]);
  return {
    text: [
      `${chain.transactions} transactions, ${chain.accounts} accounts; at least ${RUNS_MIN} visits of each kind and ${ANSWERS} answers of each page`,
      '',
      ...alignTable([head, ...rows]),
      '',
      'ratio: first paint of the bare document over that of a cold visit.',
    ].join('\n'),
    figures,
    samples,
    plots: samples.map(plotOf),
    errors: 0,
  };
}

function plotOf({ page, barePaintMs, coldPaintMs, coldContentMs, warmContentMs }: PageSamples): Plot {
  const points = (samples: readonly number[]) => samples.map((ms, visit) => [visit + 1, ms] as const);
  return {
    name: page.name,
    svg: linePlot({
      title: `scanner-pages: ${page.name}`,
      xLabel: 'visit',
      yLabel: 'milliseconds from the beginning of the visit',
      series: [
        { label: 'cold content', points: points(coldContentMs) },
        { label: 'cold first paint', points: points(coldPaintMs) },
        { label: 'warm content', points: points(warmContentMs) },
        { label: 'bare document', points: points(barePaintMs) },
      ],
    }),
  };
}
