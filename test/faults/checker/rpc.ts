/** JSON-RPC to a node, in batches, asked again where no answer comes: the node may just have started. */
export type Rpc = (calls: readonly { method: string; params: readonly unknown[] }[]) => Promise<unknown[]>;

const BATCH = 100;
const TRIES = 20;
const PAUSE_MS = 250;
const ANSWER_WITHIN_MS = 10_000;

/** Makes it. Results come in the order of the calls; an error of the node throws. */
export function createRpc(url: string): Rpc {
  const post = async (body: string): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        });
        return await response.json();
      } catch (cause) {
        if (attempt === TRIES) throw new Error(`Expected an answer from the node at ${url}, got none.`, { cause });
        await new Promise((resume) => setTimeout(resume, PAUSE_MS));
      }
    }
  };
  return async (calls) => {
    const results: unknown[] = [];
    for (let from = 0; from < calls.length; from += BATCH) {
      const some = calls.slice(from, from + BATCH);
      const answers = await post(JSON.stringify(some.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))));
      if (!Array.isArray(answers)) throw new Error(`Expected a list of answers, got ${JSON.stringify(answers)}.`);
      const byId = new Map((answers as { id: number }[]).map((answer) => [answer.id, answer]));
      for (const [id, call] of some.entries()) {
        const answer = byId.get(id) as { result?: unknown; error?: unknown } | undefined;
        if (answer === undefined || !('result' in answer))
          throw new Error(`Expected a result of ${JSON.stringify(call)}, got ${JSON.stringify(answer)}.`);
        results.push(answer.result);
      }
    }
    return results;
  };
}

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
