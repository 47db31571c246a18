/**
 * The overview, made once for everybody: it is read at most so often, and every open stream of `/v1/scan/events` gets the
 * same bytes. A NOTIFY of the index says when there is something new.
 */
import { scanOverviewSchema, type CallOutput } from '@jigeum/api';
import type { Log } from '#platform';

type Overview = CallOutput<'scanOverview'>;

/** Blocks come once a second; while the index catches up they come faster than anybody reads. */
const READ_EVERY_MS = 500;
/** Each costs a socket and some kilobytes. */
const STREAMS_MAX = 2_000;
/** A household, an office. */
const STREAMS_PER_ADDRESS_MAX = 20;

/** One open stream. `send` drops the reader who is too far behind. */
export interface ScanStream {
  subject: string;
  send(text: string): void;
  close(): void;
}

export interface ScanFeed {
  /** The overview as it was at most `READ_EVERY_MS` ago. */
  latest(): Promise<Overview>;
  /** The index has grown, or may have. */
  poke(): void;
  /** Adds a stream, which gets the present overview at once. False: there are too many. */
  add(stream: ScanStream): boolean;
  remove(stream: ScanStream): void;
  count(): number;
  /** Ends all streams, and waits for the read that is under way. */
  close(): Promise<void>;
}

/** Makes the feed. `read` asks the database. */
export function createScanFeed(
  deps: { log: Log },
  read: () => Promise<Overview>,
  limits = { readEveryMs: READ_EVERY_MS, streamsMax: STREAMS_MAX, perAddressMax: STREAMS_PER_ADDRESS_MAX },
): ScanFeed {
  const streams = new Set<ScanStream>();
  let reading: Promise<Overview> | undefined;
  let isFresh = false;
  let freshTimer: NodeJS.Timeout | undefined;
  let isPoked = false;
  let sentHead: string | undefined;

  const latest = (): Promise<Overview> => {
    if (reading === undefined || !isFresh) {
      isFresh = true;
      reading = read();
      // Whoever waits for it is told; the next one asks anew.
      reading.catch(() => (isFresh = false));
      clearTimeout(freshTimer);
      freshTimer = setTimeout(stale, limits.readEveryMs);
      freshTimer.unref();
    }
    return reading;
  };
  const stale = () => {
    isFresh = false;
    if (isPoked) void tell();
  };
  const tell = async () => {
    isPoked = false;
    if (streams.size === 0) return;
    try {
      const overview = await latest();
      if (overview.head.hash === sentHead) return;
      sentHead = overview.head.hash;
      const text = textOf(overview);
      for (const stream of streams) stream.send(text);
    } catch (error) {
      deps.log.warn('The overview could not be read; its readers wait for the next block.', { error });
    }
  };

  return {
    latest,
    poke() {
      isPoked = true;
      if (!isFresh) void tell();
    },
    add(stream) {
      if (streams.size >= limits.streamsMax) return false;
      const same = [...streams].filter((each) => each.subject === stream.subject).length;
      if (same >= limits.perAddressMax) return false;
      streams.add(stream);
      latest().then(
        (overview) => stream.send(textOf(overview)),
        () => stream.close(),
      );
      return true;
    },
    remove: (stream) => void streams.delete(stream),
    count: () => streams.size,
    async close() {
      clearTimeout(freshTimer);
      for (const stream of [...streams]) stream.close();
      await reading?.catch(() => undefined);
    },
  };
}

const textOf = (overview: Overview): string =>
  `event: overview\nid: ${overview.head.number}\ndata: ${JSON.stringify(scanOverviewSchema.encode(overview))}\n\n`;
