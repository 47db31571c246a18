/**
 * Watches one person's page for what belongs to the chain: addresses, keys and its vocabulary, in every request to the
 * API, every answer, every live event and, when told to look, in the whole DOM with its attributes. Static files are not read.
 */
import type { Page } from 'playwright-core';

export interface WordWatch {
  /** Reads the DOM as it is now. */
  lookAtPage(screen: string): Promise<void>;
  /** Adds words that must not be seen: the members' own SymIDs, which exist only once they have joined. */
  forbid(...words: string[]): void;
  /** What was seen where, also in what was read before a word was forbidden. Waits for answers that are under way. */
  findings(): Promise<string[]>;
  /** How many texts were read: a watch that saw nothing proves nothing. */
  count(): number;
}

const FORBIDDEN = [
  /0x[0-9a-f]{4,}/i,
  /\bgas\b/i,
  /\bnonce\b/i,
  /\bprivate[\s_-]?key\b/i,
  /\bsym_?id\b/i,
  /가스/,
  /논스/,
  /개인 ?키/,
];

/** Begins to watch. */
export async function watchWords(page: Page): Promise<WordWatch> {
  const texts: { where: string; text: string }[] = [];
  const underWay = new Set<Promise<void>>();
  const words: string[] = [];
  const note = (where: string, text: string): void => void texts.push({ where, text });
  const track = (work: Promise<void>): void => {
    underWay.add(work);
    // A request that the page gave up on has no answer to read.
    const forget = (): void => void underWay.delete(work);
    void work.then(forget, forget);
  };
  const isApi = (url: string): boolean => new URL(url).pathname.startsWith('/v1/');

  page.on('request', (request) => {
    if (!isApi(request.url())) return;
    const where = `${request.method()} ${new URL(request.url()).pathname}`;
    note(`${where} (URL)`, request.url());
    note(`${where} (body)`, request.postDataBuffer()?.toString('latin1') ?? '');
    track(request.allHeaders().then((headers) => note(`${where} (headers)`, JSON.stringify(headers))));
  });
  page.on('response', (response) => {
    if (!isApi(response.url()) || response.url().includes('/v1/events')) return;
    const where = `answer of ${response.request().method()} ${new URL(response.url()).pathname}`;
    track(response.text().then((text) => note(where, text)));
    track(response.allHeaders().then((headers) => note(`${where} (headers)`, JSON.stringify(headers))));
  });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  devtools.on('Network.eventSourceMessageReceived', ({ data, eventName }) => note(`live event ${eventName}`, data));

  return {
    async lookAtPage(screen) {
      const html = await page.evaluate<string>(WHOLE_PAGE);
      note(`screen ${screen}`, html);
    },
    forbid: (...more) => void words.push(...more),
    async findings() {
      await Promise.allSettled([...underWay]);
      return texts.flatMap(({ where, text }) => [
        ...FORBIDDEN.flatMap((pattern) => {
          const found = pattern.exec(text);
          return found === null ? [] : [`${where}: ${text.slice(Math.max(0, found.index - 30), found.index + 40)}`];
        }),
        ...words.filter((word) => text.toLowerCase().includes(word.toLowerCase())).map((word) => `${where}: ${word}`),
      ]);
    },
    count: () => texts.length,
  };
}

/** Runs in the page: its address, every element with its attributes but for the static files, and what the fields hold. */
const WHOLE_PAGE = `(() => {
  const copy = document.documentElement.cloneNode(true);
  for (const file of copy.querySelectorAll('script, link, style')) file.remove();
  const fields = [...document.querySelectorAll('input, textarea, select')].map((field) => field.value);
  return [location.href, copy.outerHTML, ...fields].join('\\n');
})()`;
