/**
 * One kept-open connection with one request under way, over a bare socket: a third of the processor time of `node:http`'s client,
 * so that the generator is not what a run measures.
 */
import { connect, type Socket } from 'node:net';
import { readAnswer, type HttpAnswer } from './answer.ts';

export interface HttpConnection {
  /** Sends a whole request and resolves with the whole answer. The next may begin when this one has settled. */
  ask(request: Uint8Array): Promise<HttpAnswer>;
  close(): void;
}

interface Asker {
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

const NOTHING = Buffer.alloc(0);

/** Connects with the first request, and again after a connection has ended. */
export function openHttpConnection(origin: string, answerWithinMs: number): HttpConnection {
  const { hostname, port } = new URL(origin);
  let socket: Socket | undefined;
  let asker: Asker | undefined;
  let received: Buffer = NOTHING;

  const settle = (step: (asker: Asker) => void): void => {
    const told = asker;
    asker = undefined;
    received = NOTHING;
    if (told !== undefined) step(told);
  };
  const fail = (from: Socket, error: Error): void => {
    if (socket !== from) return;
    socket = undefined;
    from.destroy();
    settle(({ reject }) => reject(error));
  };
  const take = (from: Socket, chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const answer = readAnswer(received);
      if (answer !== undefined) settle(({ resolve }) => resolve(answer));
    } catch (error) {
      fail(from, error as Error);
    }
  };
  const open = (): Socket => {
    const opened = connect({ host: hostname, port: Number.parseInt(port, 10), noDelay: true });
    opened.on('data', (chunk) => take(opened, chunk));
    opened.on('error', (error) => fail(opened, error));
    opened.on('close', () => fail(opened, new Error('the server closed the connection before it answered')));
    opened.setTimeout(answerWithinMs, () => {
      if (asker !== undefined) fail(opened, new Error(`no answer within ${answerWithinMs / 1000} s`));
    });
    return opened;
  };
  return {
    ask(request) {
      socket ??= open();
      const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
      asker = { resolve, reject };
      socket.write(request);
      return promise;
    },
    close() {
      const closing = socket;
      socket = undefined;
      closing?.destroy();
      settle(({ reject }) => reject(new Error('the connection was closed here')));
    },
  };
}

/** The bytes of a POST. The head ends with the body's length, so that a fresh header can stand before it. */
export function postBytes(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Buffer {
  const lines = Object.entries({ host: new URL(origin).host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const head = [`POST ${path} HTTP/1.1`, ...lines, `content-length: ${body.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
