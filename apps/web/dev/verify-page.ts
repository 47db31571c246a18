/**
 * A build step that writes `verify.html`: the verifier page as one file, script and style inside. A policy in the page allows
 * this script and this style by their hashes and nothing else, so that it cannot reach any network even where it is opened
 * from a disk. The server replaces the empty list of keys when it hands the page out.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'vite';

/** The page and all it needs, in bytes. It is kept and sent around as a file. */
const PAGE_BYTES_MAX = 200 * 1024;

/** The plugin. */
export function buildVerifyPage(root: string): Plugin {
  let outDir = '';
  return {
    name: 'verify-page',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      const page = pageOf(await scriptOf(root), styleOf(root));
      const size = Buffer.byteLength(page);
      if (size > PAGE_BYTES_MAX)
        this.error(`The verifier page has ${size} bytes. Expected at most ${PAGE_BYTES_MAX}: what came into it?`);
      writeFileSync(join(resolve(root, outDir), 'verify.html'), page);
      console.log(`Verifier page: ${(size / 1024).toFixed(1)} kB in one file.`);
    },
  };
}

async function scriptOf(root: string): Promise<string> {
  const output = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: join(root, 'src/verify/main.ts'), formats: ['iife'], name: 'jigeumVerify' },
    },
  });
  const [bundle] = Array.isArray(output) ? output : [output];
  if (bundle === undefined || !('output' in bundle)) throw new Error('Expected a bundle of the verifier page.');
  const [chunk, ...others] = bundle.output;
  if (others.length > 0)
    throw new Error(`Expected one file, got ${others.map(({ fileName }) => fileName).join(', ')}.`);
  return chunk.code;
}

const styleOf = (root: string): string =>
  ['src/style/tokens.css', 'src/verify/verify.css'].map((path) => readFileSync(join(root, path), 'utf8')).join('');

function pageOf(script: string, style: string): string {
  for (const [what, text, end] of [
    ['script', script, /<\/script|<!--/i],
    ['style', style, /<\/style/i],
  ] as const)
    if (end.test(text)) throw new Error(`Expected a ${what} that does not end its element, got one with ${end}.`);
  const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="ko">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <title>영수증 확인 · 지금</title>
    <style>${style}</style>
  </head>
  <body>
    <div id="app"><noscript>확인하려면 JavaScript를 켜 주세요. Please turn JavaScript on.</noscript></div>
    <script type="application/json" id="known-keys">null</script>
    <script>${script}</script>
  </body>
</html>
`;
}
