/**
 * The built web app from WEB_DIR. Files whose name carries a hash are kept for ever; pages and the service worker are
 * asked for anew each time. What the build has compressed is sent so to whoever takes it. Any path of the app answers index.html, /scan and below scan.html; never below /v1.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** For a server without a web app: whatever is not a route is not found. */
export function mountNoWeb(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 'not-found'));
}

/** Registers the web app's files. Throws where the folder has no index.html. */
export async function mountWeb(app: FastifyInstance, webDir: string): Promise<void> {
  if (!existsSync(join(webDir, 'index.html')))
    throw new Error(`Expected index.html in ${webDir}. Build the web app: npm run build`);
  const scanPage = existsSync(join(webDir, 'scan.html')) ? 'scan.html' : 'index.html';
  await app.register(fastifyStatic, {
    root: webDir,
    cacheControl: false,
    index: ['index.html'],
    dotfiles: 'deny',
    preCompressed: true,
    setHeaders(reply, path) {
      const isHashed = /[/\\]assets[/\\]/.test(path) && /-[\w-]{8,}\.\w+(?:\.br|\.gz)?$/.test(path);
      void reply.header('cache-control', isHashed ? IMMUTABLE : REVALIDATE);
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !/\.[a-z0-9]+$/i.test(path);
    if (!isPage || isUnder(path, '/v1') || isUnder(path, '/assets')) return sendProblem(reply, 'not-found');
    return reply.sendFile(isUnder(path, '/scan') ? scanPage : 'index.html');
  });
}

const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
