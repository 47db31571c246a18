import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIssuer } from '@jigeum/receipt';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDeps, type TestDatabase } from '#testing';
import type { Deps } from '#deps';
import { mountVerifyPage } from './verify-page.ts';
import * as rows from './store.ts';

const issuer = createIssuer(new Uint8Array(32).fill(1));
const webDir = mkdtempSync(join(tmpdir(), 'jigeum-verify-page-'));
let deps: Pick<Deps, 'db' | 'chain' | 'config'> & { database: TestDatabase };

beforeAll(async () => {
  const base = await createTestDeps({ config: { webDir } });
  deps = { ...base, chain: { chainId: 7 } as Deps['chain'] };
  await rows.insertIssuerKey(deps.db, { keyId: issuer.keyId, publicKey: issuer.publicKey, at: new Date(0) });
});
afterAll(async () => {
  await deps.database.drop();
  rmSync(webDir, { recursive: true });
});

const policy = "default-src 'none'; script-src 'sha256-x'";
const page = (keys: string) =>
  `<meta http-equiv="Content-Security-Policy" content="${policy}" /><script type="application/json" id="known-keys">${keys}</script>end`;

describe('the verifier page', () => {
  it('is handed out with the keys that count and under the policy that it carries', async () => {
    writeFileSync(join(webDir, 'verify.html'), page('null'));
    const app = Fastify();
    mountVerifyPage(app, deps, issuer);
    for (const url of ['/verify', '/verify.html']) {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `${policy}; frame-ancestors 'none'`,
        'cache-control': 'no-cache',
      });
      const [, json] = /id="known-keys">(.*)<\/script>end$/.exec(answer.body)!;
      expect(JSON.parse(json!)).toMatchObject({
        chainId: '7',
        issuerKeys: [{ keyId: issuer.keyId, isCurrent: true }],
        sealers: [],
      });
    }
    await app.close();
  });

  it('stops the start where the file is not as the build makes it', () => {
    writeFileSync(join(webDir, 'verify.html'), page('[]'));
    expect(() => mountVerifyPage(Fastify(), deps, issuer)).toThrow(/Build the web app/);
  });

  it('is not there where the web app was built without it', async () => {
    rmSync(join(webDir, 'verify.html'));
    const app = Fastify();
    mountVerifyPage(app, deps, issuer);
    expect((await app.inject('/verify')).statusCode).toBe(404);
    await app.close();
  });
});
