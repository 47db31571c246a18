/** What the three simulators share: their arguments, their life under a parent, and the look of their pages. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Fastify, { type FastifyInstance } from 'fastify';

export interface Arguments {
  readonly port: number;
  /** A named text argument, or the refusal that it is missing. */
  readonly need: (name: string) => string;
  readonly optional: (name: string) => string | undefined;
  /** The content of the file that a named argument names, without the line end. */
  readonly secret: (name: string) => string;
}

const BODY_BYTES_MAX = 64 * 1024;

/** Reads `--port` and the named text arguments. */
export function readArguments(names: readonly string[]): Arguments {
  const options = Object.fromEntries(['port', ...names].map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const optional = (name: string): string | undefined => values[name] as string | undefined;
  const need = (name: string): string => {
    const value = optional(name);
    if (value === undefined) throw new Error(`Expected --${name}.`);
    return value;
  };
  return {
    port: Number.parseInt(need('port'), 10),
    need,
    optional,
    secret: (name) => readFileSync(need(name), 'utf8').trim(),
  };
}

/** A Fastify app that also reads HTML forms. */
export function createApp(): FastifyInstance {
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, logger: false });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body as string)));
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
    reply.header('cache-control', 'no-store');
  });
  return app;
}

/** Serves on loopback until SIGTERM, SIGINT or the end of the parent; tells the parent when it is ready. */
export async function serve(app: FastifyInstance, name: string, port: number): Promise<void> {
  const stop = (): void => void app.close().then(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  process.once('disconnect', stop);
  try {
    const url = await app.listen({ host: '127.0.0.1', port });
    console.log(`${name} (simulation) serves ${url}`);
    process.send?.({ kind: 'ready', url });
  } catch (error) {
    console.error(`${name} could not listen on port ${port}: ${(error as Error).message}`);
    process.exit(1);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);

/** A whole page. `refreshSeconds` reloads it. */
export function page(input: { title: string; lead: string; body: string; refreshSeconds?: number }): string {
  const refresh =
    input.refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${input.refreshSeconds}">`;
  return `<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${refresh}
<title>${escapeHtml(input.title)}</title>
<style>
:root { color-scheme: light dark; --surface: #f4f5f7; --card: #fff; --text: #1a1d21; --soft: #5c6670; --line: #e2e5e9; --brand: #0b6b50; --warn: #fff4d6; --warn-text: #6b4a00; }
@media (prefers-color-scheme: dark) { :root { --surface: #121416; --card: #1c1f23; --text: #eceff2; --soft: #a2acb6; --line: #30353b; --brand: #3ecf9f; --warn: #3a2f10; --warn-text: #ffdf94; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--text); font: 16px/1.5 Pretendard, "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif; }
main { max-width: 640px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 24px; line-height: 1.3; margin: 16px 0 4px; }
p { margin: 0 0 16px; color: var(--soft); }
.note { background: var(--warn); color: var(--warn-text); border-radius: 12px; padding: 10px 14px; font-size: 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 16px; margin: 12px 0; overflow-wrap: anywhere; }
.meta { color: var(--soft); font-size: 14px; display: flex; justify-content: space-between; gap: 12px; }
.amount { font-size: 20px; font-weight: 700; font-variant-numeric: tabular-nums; }
label { display: block; font-size: 14px; color: var(--soft); margin: 12px 0 4px; }
input { width: 100%; min-height: 48px; padding: 0 14px; font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
button { width: 100%; min-height: 52px; margin-top: 20px; font: inherit; font-weight: 700; color: #fff; background: #0b6b50; border: 0; border-radius: 14px; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
</style>
</head>
<body><main>
<div class="note" role="note">시뮬레이션이에요. 실제 기관·통신사·은행과 이어져 있지 않아요. <span lang="en">(Simulation: nothing here is real.)</span></div>
<h1>${escapeHtml(input.title)}</h1>
<p>${escapeHtml(input.lead)}</p>
${input.body}
</main></body></html>`;
}
