import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RPC_METHODS } from '@jigeum/symverse/rpc';
import { ANSWER_CHARACTERS_MAX, BATCH_MAX } from './dispatch.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from './json-body.ts';
import { SUBSCRIPTIONS_MAX } from './subscriptions.ts';

const page = readFileSync(new URL('../../../../docs/operating/work-node.md', import.meta.url), 'utf8');

describe('docs/operating/work-node.md', () => {
  it('lists every method with its parameters, and no other', () => {
    const listed = [...page.matchAll(/^\| `([a-z0-9]+_\w+\([^)]*\))` \|/gm)].map(([, signature]) => signature);
    const signatures = Object.entries(RPC_METHODS).map(([method, { names, params }]) => {
      const shown = names.map((name, index) => ('fallback' in (params[index] as object) ? `[${name}]` : name));
      return `${method}(${shown.join(', ')})`;
    });
    expect(listed.toSorted()).toEqual(signatures.toSorted());
  });

  it('names the limits as they are', () => {
    const bound = (what: string): string | undefined =>
      page
        .split('\n')
        .find((line) => line.startsWith(`| ${what} |`))
        ?.split('|')[2]
        ?.trim();
    expect(bound('nesting of JSON')).toBe(`${JSON_DEPTH_MAX} levels`);
    expect(bound('values of JSON in one body')).toBe(JSON_VALUES_MAX.toLocaleString('en'));
    expect(bound('calls in a batch')).toBe(BATCH_MAX.toLocaleString('en'));
    expect(bound('answers of one body')).toBe(`${ANSWER_CHARACTERS_MAX.toLocaleString('en')} characters`);
    expect(bound('subscriptions of a WebSocket')).toBe(String(SUBSCRIPTIONS_MAX));
  });
});
