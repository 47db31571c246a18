/** What `pg` takes for a socket: each request up to its Sync goes to the simulated database, and the answer comes back when it says so. */
import { EventEmitter } from 'node:events';

/** AuthenticationOk and ReadyForQuery. */
const WELCOME = Buffer.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49);

export class WireStream extends EventEmitter {
  writable = true;
  readonly #submit: (stream: WireStream, request: Buffer) => void;
  #isWelcome = false;
  #isCorked = false;
  #parts: Buffer[] = [];

  constructor(submit: (stream: WireStream, request: Buffer) => void) {
    super();
    this.#submit = submit;
  }

  connect(): void {
    queueMicrotask(() => this.emit('connect'));
  }

  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
    this.#flush();
  }

  write(chunk: Buffer): boolean {
    if (!this.#isWelcome) {
      this.#isWelcome = true;
      queueMicrotask(() => this.emit('data', WELCOME));
      return true;
    }
    // `pg` uses its buffers again.
    this.#parts.push(Buffer.from(chunk));
    if (!this.#isCorked) this.#flush();
    return true;
  }

  /** Rows that were asked for. */
  answer(bytes: Buffer): void {
    if (this.writable) this.emit('data', bytes);
  }

  /** The connection is gone, for both ends. */
  breakDown(): void {
    if (!this.writable) return;
    this.writable = false;
    this.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    this.emit('close');
  }

  destroy(): void {
    this.writable = false;
  }

  end(): void {
    this.writable = false;
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  #flush(): void {
    const request = Buffer.concat(this.#parts);
    // A request ends with Sync, or is one simple query.
    const isWhole = request[0] === 0x51 || request.at(-5) === 0x53;
    if (!isWhole || request.length === 0) return;
    this.#parts = [];
    this.#submit(this, request);
  }
}
