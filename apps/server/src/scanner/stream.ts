/** GET /v1/scan/events: the overview again with every new block, server-sent. Public: no cookie is looked at. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '#platform';
import type { Deps } from '#deps';
import type { ScanFeed, ScanStream } from './live.ts';

/** Proxies cut silent connections after a minute at most. */
const HEARTBEAT_MS = 15_000;
/** Some seconds of overviews: a reader that is so far behind is cut off and comes back. */
const BUFFERED_BYTES_MAX = 128 * 1024;
/** A tab that was left open is asked to come back now and then, so that no connection is for ever. */
const STREAM_MS_MAX = 30 * 60_000;

export function scanEvents(
  app: FastifyInstance,
  deps: Pick<Deps, 'metrics'>,
  doors: { feed: ScanFeed; subjectOf(request: FastifyRequest): string; admit(subject: string): void },
): void {
  const open = deps.metrics.gauge('scan_streams', 'Open streams of the public scanner.');
  app.get('/v1/scan/events', (request, reply) => {
    const { raw } = reply;
    const subject = doors.subjectOf(request);
    doors.admit(subject);
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(heartbeat);
      clearTimeout(limit);
      doors.feed.remove(stream);
      open.set(doors.feed.count());
      raw.end();
    };
    const send = (text: string) => {
      if (!isOpen) return;
      if (raw.writableLength > BUFFERED_BYTES_MAX) end();
      else raw.write(text);
    };
    const stream: ScanStream = { subject, send, close: end };
    const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
    const limit = setTimeout(end, STREAM_MS_MAX);
    if (!doors.feed.add(stream)) {
      clearInterval(heartbeat);
      clearTimeout(limit);
      throw new AppError('service-busy', { retryAfterSeconds: 30 });
    }
    open.set(doors.feed.count());
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // A stream ends with its connection, so that closing the server need not wait for the connection's idle time.
      connection: 'close',
    });
    raw.on('close', end);
    raw.on('error', end);
    raw.write('retry: 1000\n\n');
  });
}
