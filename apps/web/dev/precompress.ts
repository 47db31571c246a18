/**
 * A build step that lays a Brotli and a gzip form beside each file of text, for servers that hand them out as they are. A first
 * visit then loads a third of the bytes, and no processor time goes into it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(?:js|css|html|svg|json|webmanifest)$/;
/** Below it the headers weigh more than what is saved. */
const BYTES_MIN = 1024;

/** The plugin. `except` names files that a server changes before it sends them. */
export function precompress(root: string, except: readonly string[]): Plugin {
  let outDir = '';
  return {
    name: 'precompress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      outDir = resolve(root, config.build.outDir);
    },
    // After the steps that write files of their own.
    closeBundle: { order: 'post', sequential: true, handler: () => compressFolder(outDir, except) },
  };
}

function compressFolder(folder: string, except: readonly string[]): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!TEXT.test(name) || except.includes(name)) continue;
    const path = join(folder, name);
    const bytes = readFileSync(path);
    if (bytes.length < BYTES_MIN) continue;
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
    const gzip = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
    if (brotli.length < bytes.length) writeFileSync(`${path}.br`, brotli);
    if (gzip.length < bytes.length) writeFileSync(`${path}.gz`, gzip);
  }
}
