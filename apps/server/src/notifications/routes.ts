/**
 * GET /v1/events: the member's live events, server-sent. Each event carries the present state of its subject, made by a
 * renderer of the app, so this module knows no other module's tables and none knows this one.
 */
import type { FastifyInstance } from 'fastify';
import { eventSchema, type EventView } from '@jigeum/api';
import { AppError, memberOf, type EventKind, type PlatformDeps } from '#platform';
import { openCursor } from './cursor.ts';
import type { EventRow } from './store.ts';
import type { Stream, Streams } from './streams.ts';

/** Whose stream it is. */
export interface StreamContext {
  memberId: string;
  /** `sessions.id_hash`. */
  idHash: Uint8Array;
}

export interface NotificationDoors {
  streams: Streams;
  /** The present state of a subject for this member; null where there is nothing to show any more. */
  renderers: Record<EventKind, (context: StreamContext, subjectId: string) => Promise<EventView | null>>;
  /** False where the session has ended; then the stream ends too. Must not count as use of the session. */
  isSessionLive(idHash: Uint8Array): Promise<boolean>;
  /** 15 seconds unless a test is in a hurry. */
  heartbeatMs?: number;
}

/** Proxies cut silent connections after a minute at most; the same beat finds sessions that have ended, and events that nobody told of. */
const HEARTBEAT_MS = 15_000;
/** A reader that is so far behind is cut off; it comes back where it was. */
const BUFFERED_BYTES_MAX = 256 * 1024;

/** Registers the route. Close the streams (`streams.closeAll`) before the app, or it waits for them. */
export function eventRoutes(app: FastifyInstance, deps: PlatformDeps, doors: NotificationDoors): void {
  const open = deps.metrics.gauge('event_streams', 'Open streams of live events.');
  app.get('/v1/events', async (request, reply) => {
    const session = await memberOf(app, deps, request, false);
    session.unlockKey.fill(0);
    const context = { memberId: session.memberId, idHash: session.idHash };
    const cursor = await openCursor(deps, {
      memberId: context.memberId,
      lastEventId: readLastEventId(request.headers['last-event-id']),
    });

    let state: 'idle' | 'reading' | 'poked' | 'closed' = 'idle';
    const end = () => {
      if (state === 'closed') return;
      state = 'closed';
      clearInterval(heartbeat);
      doors.streams.remove(context.memberId, stream);
      open.set(doors.streams.count());
      reply.raw.end();
    };
    const write = (text: string) => {
      if (state === 'closed') return;
      if (reply.raw.writableLength > BUFFERED_BYTES_MAX) end();
      else reply.raw.write(text);
    };
    const pump = async () => {
      for (let hasMore = true; hasMore && state !== 'closed';) {
        const batch = await cursor.next();
        hasMore = batch.hasMore;
        // Also between two beats: nobody who has logged out is shown what happens afterwards.
        if (batch.events.length > 0 && !(await doors.isSessionLive(context.idHash))) return end();
        for (const row of newestOfEach(batch.events)) {
          const view = await doors.renderers[row.kind](context, row.subjectId);
          const data = view === null ? null : JSON.stringify(eventSchema.encode(view));
          write(`id: ${row.id}\n${data === null ? ':' : `event: ${row.kind}\ndata: ${data}`}\n\n`);
        }
      }
    };
    const run = async () => {
      try {
        do {
          state = 'reading';
          await pump();
        } while ((state as string) === 'poked');
        if ((state as string) !== 'closed') state = 'idle';
      } catch (error) {
        deps.log.warn('A stream of live events has broken; the browser will come back.', {
          memberUuid: context.memberId,
          error,
        });
        end();
      }
    };
    const stream: Stream = {
      poke() {
        if (state === 'idle') void run();
        else if (state === 'reading') state = 'poked';
      },
      close: end,
    };
    const beat = async () => {
      try {
        if (!(await doors.isSessionLive(context.idHash))) return end();
        write(': still here\n\n');
        // The process that recorded an event may have died before it told of it.
        stream.poke();
      } catch (error) {
        deps.log.warn('A session could not be looked up for its stream.', { error });
        end();
      }
    };
    const heartbeat = setInterval(() => void beat(), doors.heartbeatMs ?? HEARTBEAT_MS);

    if (!doors.streams.add(context.memberId, stream)) {
      clearInterval(heartbeat);
      throw new AppError('service-busy', { retryAfterSeconds: 30 });
    }
    open.set(doors.streams.count());
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // A stream ends with its connection, so that closing the server need not wait for the connection's idle time.
      connection: 'close',
    });
    reply.raw.on('close', end);
    reply.raw.on('error', end);
    write('retry: 1000\n\n');
    stream.poke();
  });
}

/** Several events of one subject show the same state: the last one is enough. */
function newestOfEach(events: readonly EventRow[]): EventRow[] {
  const bySubject = new Map<string, EventRow>();
  for (const event of events) bySubject.set(`${event.kind} ${event.subjectId}`, event);
  return [...bySubject.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}

function readLastEventId(header: string | string[] | undefined): bigint | null {
  return typeof header === 'string' && /^[0-9]{1,18}$/.test(header) ? BigInt(header) : null;
}
