import { beforeEach, describe, expect, test, vi } from 'vitest';

const FIRST = `0x${'1'.repeat(40)}`;
const OTHER = `0x${'2'.repeat(40)}`;
const GIVEN = 'jigeum.scan.sealer.given';

let stored: Map<string, string>;
beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  });
});

/** The module as a page loads it. */
const load = async () => {
  vi.resetModules();
  return import('./trust.ts');
};

describe('the key seen first', () => {
  test('is remembered for each chain, whatever the server names later', async () => {
    const { seenSealer } = await load();
    const { since } = seenSealer(7777, FIRST);
    expect(seenSealer(7777, OTHER)).toEqual({ origin: 'seen', keyHash: FIRST, since });
    expect(seenSealer(7778, OTHER)).toMatchObject({ keyHash: OTHER });
  });

  test('is another one when the visitor says so', async () => {
    const { seenSealer, trustSealer } = await load();
    seenSealer(7777, FIRST);
    trustSealer(7777, OTHER);
    expect(seenSealer(7777, FIRST)).toMatchObject({ keyHash: OTHER });
  });

  test.each([
    '{',
    '7',
    `{"keyHash":"${FIRST}","since":"yesterday"}`,
    `{"keyHash":"0x1","since":"2026-01-01T00:00:00Z"}`,
  ])('is seen anew where something else stands in its place: %s', async (text) => {
    stored.set('jigeum.scan.sealer.7777', text);
    const { seenSealer } = await load();
    expect(seenSealer(7777, OTHER)).toMatchObject({ keyHash: OTHER });
  });
});

describe('the key that the visitor gives', () => {
  test('is kept over a reload, with its chain, until he removes it', async () => {
    const page = await load();
    expect(page.givenSealer.get()).toBeNull();
    page.giveSealer({ keyHash: FIRST, chainId: 7777 });
    const given = page.givenSealer.get();
    expect(given).toEqual({ keyHash: FIRST, chainId: 7777, since: expect.stringMatching(/^20\d\d-/) });

    const next = await load();
    expect(next.givenSealer.get()).toEqual(given);
    next.givenSealer.set(null);
    expect(stored.has(GIVEN)).toBe(false);
    expect((await load()).givenSealer.get()).toBeNull();
  });

  test('lasts as long as the page where the browser stores nothing', async () => {
    vi.stubGlobal('localStorage', undefined);
    const { giveSealer, givenSealer } = await load();
    giveSealer({ keyHash: FIRST, chainId: null });
    expect(givenSealer.get()).toMatchObject({ keyHash: FIRST, chainId: null });
  });

  test.each([
    '{',
    'null',
    `{"keyHash":"${FIRST}","chainId":"7777","since":"2026-01-01T00:00:00Z"}`,
    `{"keyHash":"${FIRST}","chainId":0,"since":"2026-01-01T00:00:00Z"}`,
    `{"keyHash":"${FIRST}","chainId":null,"since":"yesterday"}`,
    `{"keyHash":"${FIRST.slice(0, -1)}","chainId":null,"since":"2026-01-01T00:00:00Z"}`,
  ])('is none where something else stands in its place: %s', async (text) => {
    stored.set(GIVEN, text);
    expect((await load()).givenSealer.get()).toBeNull();
  });
});
