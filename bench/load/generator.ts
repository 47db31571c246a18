/** The load generator as its user sees it: one order, one result. The work is done by programs/load-worker.ts. */
import { startChild, type Child } from '../child.ts';

/** One request, sent again and again. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The same requests again and again, and what a good answer is. */
export interface LoadTarget {
  readonly kind: 'same';
  readonly origin: string;
  /** Connection i sends request i modulo their count, always by POST. */
  readonly requests: readonly LoadRequest[];
  /** Instead, whichever connection is free sends the next of them, from the first to the last and again. */
  readonly isInTurn?: boolean;
  /** Instead of going on until the time is over: once through the requests. */
  readonly isOnce?: boolean;
  /** A header that gets a new UUID with each request. */
  readonly freshKeyHeader?: string;
  readonly expectedStatus: number;
  /** Undefined where each answer is another. */
  readonly expectedBody?: string;
}

/** Signed transactions, each sent once through JSON-RPC. A good answer is a result for each. */
export interface SignedTarget {
  readonly kind: 'signed';
  readonly origin: string;
  readonly path: string;
  /** `sym_sendRawTransaction` or its like. */
  readonly method: string;
  /** One list of slots for each connection; see transfers/slots.ts. */
  readonly file: string;
  readonly slotsPerList: number;
  /** How many of each list were sent before. */
  readonly sentBefore: readonly number[];
  /** Transactions in one request; 1 sends a single call, more send a batch. */
  readonly batch: number;
}

export interface LoadOrder {
  readonly target: LoadTarget | SignedTarget;
  /** Each has one request under way at any time. */
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** From the sending of each request to the end of its expected answer, in milliseconds. */
  readonly samplesMs: Float64Array;
  /** Other answers, and none. */
  readonly errors: number;
  readonly firstError: string | undefined;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  /** How much of one core the generator used itself. Near 1 it was the limit, not what it measured. */
  readonly generatorShare: number;
  /** Requests sent by each connection, in all. */
  readonly sent: readonly number[];
}

export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts the generator's process; one order at a time. */
export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child: Child<unknown> = await startChild(new URL('../programs/load-worker.ts', import.meta.url));
  return { run: (order) => child.ask<LoadResult>(order), stop: () => child.stop() };
}
