/** One connection that listens to PostgreSQL's NOTIFY and is opened again, with back-off, whenever it breaks. */
import pg from 'pg';
import type { Log } from './log.ts';

export interface Listener {
  /** Calls `hear` with each payload. Call it before `start`. */
  on(channel: string, hear: (payload: string) => void): void;
  /** Calls `resync` after each (re)connection: what was notified in between is lost. */
  onConnected(resync: () => void): void;
  start(): void;
  stop(): Promise<void>;
}

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
/** A dead connection that TCP does not notice is found by asking. */
const PING_MS = 15_000;

/** Makes a listener that is not connected yet. */
export function createListener(deps: { log: Log }, connection: pg.ClientConfig): Listener {
  const channels = new Map<string, ((payload: string) => void)[]>();
  const resyncs: (() => void)[] = [];
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let failures = 0;

  const lost = (from: pg.Client, error?: unknown) => {
    if (client !== from || isStopping) return;
    client = undefined;
    failures++;
    const retryInMs = Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
    deps.log.warn('The listening connection is lost.', { attempt: failures, retryInMs, error });
    // What broke it may also break its end; there is nothing left to do with it.
    from.end().catch(() => undefined);
    timer = setTimeout(() => void connect(), retryInMs);
  };

  const connect = async () => {
    const next = new pg.Client({ ...connection, application_name: 'jigeum listen', keepAlive: true });
    client = next;
    next.on('error', (error) => lost(next, error));
    next.on('end', () => lost(next));
    next.on('notification', (message) => {
      for (const hear of channels.get(message.channel) ?? []) hear(message.payload ?? '');
    });
    try {
      await next.connect();
      for (const channel of channels.keys()) await next.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      lost(next, error);
      return;
    }
    failures = 0;
    for (const resync of resyncs) resync();
    const ping = () => {
      if (client !== next) return;
      next.query('select 1').then(
        () => (timer = setTimeout(ping, PING_MS)),
        (error: unknown) => lost(next, error),
      );
    };
    timer = setTimeout(ping, PING_MS);
  };

  return {
    on(channel, hear) {
      channels.set(channel, [...(channels.get(channel) ?? []), hear]);
    },
    onConnected: (resync) => void resyncs.push(resync),
    start: () => void connect(),
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
