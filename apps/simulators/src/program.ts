/** What the three simulators share: arguments, ready message, clean end, page frame. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FastifyInstance } from 'fastify';

/** The options of a simulator: each is `--name value`. Ends the process with a sentence where one is missing. */
export function readOptions<N extends string>(
  names: readonly N[],
  optional: readonly string[] = [],
): Record<N, string> & Record<string, string | undefined> {
  const known = [...names, ...optional];
  let values: Record<string, string | undefined>;
  try {
    values = parseArgs({
      options: Object.fromEntries(known.map((name) => [name, { type: 'string' as const }])),
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
  const missing = names.find((name) => values[name] === undefined);
  if (missing !== undefined) return refuse(`--${missing} is missing. Options: --${known.join(', --')}.`);
  return values as Record<N, string>;
}

/** A secret from its file, without the line end. */
export const readSecret = (path: string): string => readFileSync(path, 'utf8').trim();

function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

/** Listens on the loopback address only, says so to a parent, and ends when told or when the parent goes away. */
export async function runProgram(app: FastifyInstance, port: string): Promise<string> {
  const stop = () => {
    setTimeout(() => process.exit(1), 3_000).unref();
    void app.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  try {
    const url = await app.listen({ host: '127.0.0.1', port: Number.parseInt(port, 10) });
    process.send?.({ kind: 'ready', url });
    return url;
  } catch (error) {
    return refuse(
      (error as { code?: unknown }).code === 'EADDRINUSE'
        ? `Port ${port} is in use. Choose another with --port.`
        : (error as Error).message,
    );
  }
}

/** HMAC-SHA256 as lowercase hex. */
export const hmacHex = (secret: string, ...parts: (string | Uint8Array)[]): string => {
  const mac = createHmac('sha256', secret);
  for (const part of parts) mac.update(part);
  return mac.digest('hex');
};

/** Compares two texts without telling by time where they differ. */
export function isSameText(left: string, right: string): boolean {
  const one = Buffer.from(left);
  const other = Buffer.from(right);
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Text as HTML shows it. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const STYLE = `
:root{color-scheme:light dark;--ink:#16181d;--soft:#667085;--paper:#f4f5f7;--card:#fff;--line:#e2e5ea;--accent:#1f5eff}
@media (prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#9aa3b2;--paper:#111318;--card:#1a1d24;--line:#2b303a;--accent:#7ea2ff}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,'Apple SD Gothic Neo','Noto Sans KR',sans-serif}
main{max-width:560px;margin:0 auto;padding:20px 16px 48px}h1{font-size:1.35rem;margin:12px 0 4px}p{margin:4px 0 16px;color:var(--soft)}
.banner{background:#fff3cd;color:#5c4500;padding:10px 16px;text-align:center;font-size:.9rem;font-weight:600}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:14px 16px;margin:10px 0}
.row{display:flex;justify-content:space-between;gap:12px;color:var(--soft);font-size:.875rem}.row time{white-space:nowrap}.text{margin-top:6px;word-break:break-word}
.code{font-size:1.5rem;font-weight:700;letter-spacing:.12em;font-variant-numeric:tabular-nums}
label{display:block;font-size:.875rem;color:var(--soft);margin-top:12px}input{width:100%;padding:12px;border:1px solid var(--line);border-radius:10px;background:transparent;color:inherit;font:inherit;margin-top:4px}
button{width:100%;margin-top:16px;padding:14px;border:0;border-radius:10px;background:var(--accent);color:#fff;font:inherit;font-weight:600}
@media (prefers-color-scheme:dark){button{color:#0d1117}}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

/** A page: a banner that says it is a simulation, a title and a body of ready HTML. */
export const pageOf = (input: { title: string; banner: string; body: string; refreshSeconds?: number }): string =>
  `<!doctype html><html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${
    input.refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${input.refreshSeconds}">`
  }<title>${escapeHtml(input.title)}</title><style>${STYLE}</style></head><body><div class="banner" role="note">${escapeHtml(
    input.banner,
  )}</div><main><h1>${escapeHtml(input.title)}</h1>${input.body}</main></body></html>`;

/** Nothing but the page's own style; forms go to this program only. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Korean time of day for screens. */
export const koreanTime = (atMs: number): string =>
  new Date(atMs).toLocaleString('ko-KR', { timeZone: 'Asia/Seoul', hour12: false });
