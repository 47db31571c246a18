/** JSON-RPC calls outside of what is measured: to set up and to count. */
import { systemClock } from '@jigeum/std';

export interface JsonRpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Calls whose answers are read together; both nodes take as many, and their answers stay below a few megabytes. */
const BATCH = 250;
const POLL_MS = 20;
const QUIET_WITHIN_MS = 120_000;
const GAP_WITHIN_MS = 5_000;

/** The result of one call. Throws when it is an error. */
export async function askRpc<Result>(url: string, method: string, ...params: readonly unknown[]): Promise<Result> {
  return resultOf<Result>(await post(url, { jsonrpc: '2.0', id: 1, method, params }));
}

/** The results of many calls, in their order. Throws at the first error. */
export async function askRpcBatch<Result>(url: string, calls: readonly JsonRpcCall[]): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < calls.length; start += BATCH) {
    const batch = calls.slice(start, start + BATCH).map((call, id) => ({ jsonrpc: '2.0', id, ...call }));
    const answers = (await post(url, batch)) as { id: number }[];
    if (!Array.isArray(answers)) throw new Error(`Expected ${batch.length} answers, got ${JSON.stringify(answers)}.`);
    results.push(...answers.toSorted((a, b) => a.id - b.id).map((answer) => resultOf<Result>(answer)));
  }
  return results;
}

/**
 * Asks `txpool_status`, which both nodes have, until nothing in the pool can come into a block: what waits behind a gap after
 * everything else has gone waits for ever, since some transaction before it was refused.
 */
export async function untilPoolEmpty(url: string): Promise<void> {
  let executedMs = systemClock.monotonicMs();
  const deadlineMs = executedMs + QUIET_WITHIN_MS;
  for (;;) {
    const status = await askRpc<{ pending: string; queued: string }>(url, 'txpool_status');
    const [pending, queued] = [quantity(status.pending), quantity(status.queued)];
    if (pending + queued === 0) return;
    if (pending > 0) executedMs = systemClock.monotonicMs();
    if (systemClock.monotonicMs() > executedMs + GAP_WITHIN_MS) return;
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`Expected an empty pool within ${QUIET_WITHIN_MS / 1000} s, got ${JSON.stringify(status)}.`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** A hex quantity as a number. */
export const quantity = (text: string): number => Number.parseInt(text, 16);

/** A number as a hex quantity. */
export const toQuantity = (value: number): string => `0x${value.toString(16)}`;

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

function resultOf<Result>(answer: unknown): Result {
  const { result, error } = answer as { result?: Result; error?: unknown };
  if (error !== undefined || result === undefined) throw new Error(`Expected a result, got ${JSON.stringify(answer)}.`);
  return result;
}
