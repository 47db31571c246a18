/**
 * The verifier page at /verify: the built file with the keys that count written into it, so that the copy which somebody keeps
 * on a disk knows them. Its script stands in it and is allowed by its hash alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Issuer } from '@jigeum/receipt';
import type { Deps } from '#deps';
import { receiptKeys } from './keys.ts';

const EMPTY_KEYS = '<script type="application/json" id="known-keys">null</script>';
const POLICY = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/;

/** Registers the page where the web app was built with one. Throws where the file is not as the build makes it. */
export function mountVerifyPage(
  app: FastifyInstance,
  deps: Pick<Deps, 'db' | 'chain' | 'config'>,
  issuer: Issuer | null,
): void {
  const path = deps.config.webDir === null ? null : join(deps.config.webDir, 'verify.html');
  if (path === null || !existsSync(path)) return;
  const [head, tail, ...surplus] = readFileSync(path, 'utf8').split(EMPTY_KEYS);
  const policy = POLICY.exec(head!)?.[1];
  if (policy === undefined || tail === undefined || surplus.length > 0)
    throw new Error(`Expected ${path} with a policy and one empty list of keys. Build the web app: npm run build`);
  for (const url of ['/verify', '/verify.html'])
    app.get(url, async (_request, reply) => {
      const keys = JSON.stringify(await receiptKeys(deps, issuer)).replaceAll('<', '\\u003c');
      return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-security-policy', `${policy}; frame-ancestors 'none'`)
        .header('cache-control', 'no-cache')
        .send(`${head}${EMPTY_KEYS.replace('null', () => keys)}${tail}`);
    });
}
