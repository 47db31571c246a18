/**
 * A proxy before PostgreSQL that knows where its messages end: it can lose the answer to a COMMIT that has happened, be slow, or
 * break everything. Connections without TLS only.
 */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../../fuzz/random.ts';

export type PostgresFault =
  | { readonly kind: 'none' }
  /** A transaction has committed; the connection breaks before the server hears of it. */
  | { readonly kind: 'lose-commit'; readonly percent: number }
  /** Each answer waits for so long. */
  | { readonly kind: 'slow'; readonly ms: number };

export interface PostgresProxy {
  readonly port: number;
  set(fault: PostgresFault): void;
  /** Breaks all connections now. */
  cut(): void;
  /** How often each fault has struck. */
  readonly struck: ReadonlyMap<PostgresFault['kind'], number>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Starts a proxy before the database on a port of this machine. */
export async function startPostgresProxy(upstreamPort: number, random: Random): Promise<PostgresProxy> {
  let fault: PostgresFault = { kind: 'none' };
  const struck = new Map<PostgresFault['kind'], number>();
  const strike = (): void => void struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1);
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const server = createServer((client) => {
    const upstream = connect(upstreamPort, HOST);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.once('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    const isCommit = commitReader();
    // What follows a piece that waits goes after it, also when the fault is over.
    let last = Promise.resolve();
    let waiting = 0;
    const writeLater = async (before: Promise<void>, chunk: Buffer, ms: number): Promise<void> => {
      waiting++;
      await before;
      if (ms > 0) await new Promise((resume) => setTimeout(resume, ms));
      client.write(chunk);
      waiting--;
    };
    upstream.on('data', (chunk: Buffer) => {
      const hasCommitted = isCommit(chunk);
      const now = fault;
      if (now.kind === 'lose-commit' && hasCommitted && random.below(100) < now.percent) {
        strike();
        client.destroy();
      } else if (now.kind === 'slow') {
        strike();
        last = writeLater(last, chunk, now.ms);
      } else if (waiting > 0) last = writeLater(last, chunk, 0);
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    struck,
    set: (next) => void (fault = next),
    cut,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

const TYPE_AND_LENGTH = 5;
const COMMAND_COMPLETE = 'C'.charCodeAt(0);

/**
 * Says of each piece of one connection's answers whether a COMMIT is complete in it. A message is its type (1 byte), its length
 * without the type (4 bytes, big-endian), its content; pieces end anywhere.
 */
export function commitReader(): (chunk: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let found = false;
    let at = 0;
    while (rest.length - at >= TYPE_AND_LENGTH) {
      const end = at + 1 + rest.readUInt32BE(at + 1);
      if (end > rest.length) break;
      if (rest[at] === COMMAND_COMPLETE && rest.toString('latin1', at + TYPE_AND_LENGTH, end - 1) === 'COMMIT')
        found = true;
      at = end;
    }
    rest = rest.subarray(at);
    return found;
  };
}
