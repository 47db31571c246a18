/** The load generator as its user sees it: one order, one result. The work is done by programs/load-worker.ts. */
import { startChild, type Child } from './child.ts';

/** One request, sent again and again. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What to send where, and what a good answer is. */
export interface LoadTarget {
  readonly origin: string;
  /** Connection i sends request i modulo their count, always by POST. */
  readonly requests: readonly LoadRequest[];
  /** A header that gets a new UUID with each request. */
  readonly freshKeyHeader?: string;
  readonly expectedStatus: number;
  /** Undefined where each answer is another. */
  readonly expectedBody?: string;
}

export interface LoadOrder {
  readonly target: LoadTarget;
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
}

export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts the generator's process; one order at a time. */
export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child: Child<unknown> = await startChild(new URL('./programs/load-worker.ts', import.meta.url));
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null): void =>
          reject(new Error(`The load generator ended with status ${code} in the middle of a round.`));
        child.process.once('exit', onExit);
        child.process.once('message', (message) => {
          child.process.off('exit', onExit);
          resolve(message as LoadResult);
        });
        child.process.send(order);
      }),
    stop: () => child.stop(),
  };
}
