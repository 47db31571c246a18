/** The receiver of docs/integrating/webhooks.md, run as it stands there. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seededIds, systemClock } from '@jigeum/std';
import { keyOf, newSecret, signedHeaders } from './sign.ts';
import { eventOf, transferId } from './testing.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));

test("the page's receiver hands out once for two deliveries of one event, and nothing for a false one", () => {
  const page = readFileSync(`${ROOT}docs/integrating/webhooks.md`, 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  expect(example).toContain('export async function onWebhook');
  const secret = newSecret({ ids: seededIds('example') });
  const { type, data } = eventOf(1);
  const text = JSON.stringify({ type, timestamp: '2026-01-01T00:00:00.000Z', data });
  const signed = (key: Uint8Array) =>
    signedHeaders({ id: 'a', body: Buffer.from(text) }, { keys: [key], nowMs: systemClock.nowMs() });
  const program = `
    const SECRET = ${JSON.stringify(secret)};
    const handed: unknown[] = [];
    const handOut = async (...all: unknown[]) => void handed.push(all.map(String));
    ${example}
    const ask = (headers: Record<string, string>) =>
      onWebhook(new Request('http://till.example/', { method: 'POST', headers, body: ${JSON.stringify(text)} }));
    const right = ${JSON.stringify(signed(keyOf(secret)))};
    const statuses = [(await ask(right)).status, (await ask(right)).status];
    const refusal = await ask(${JSON.stringify(signed(new Uint8Array(32)))}).catch((error) => error instanceof WebhookRefused);
    console.log(JSON.stringify({ handed, statuses, refusal }));
  `;
  const said = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', program], { cwd: ROOT });
  expect(JSON.parse(said.toString('utf8'))).toEqual({
    handed: [[transferId(1), '12000000000000000000000']],
    statuses: [204, 204],
    refusal: true,
  });
});
