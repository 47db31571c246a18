/**
 * Follows a node's new heads over WebSocket (`sym_subscribe`). Only a hint that it is worth asking:
 * whatever goes wrong here delays a payment by one interval of whoever polls, and stops nothing. A node that has no subscriptions
 * (or no WebSocket) is asked again now and then, in case it is replaced.
 */

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** A connection that says nothing may be dead without either side knowing: a new one costs little. Nodes close a block each second or ten. */
const QUIET_MS = 60_000;
/** A header has two thousand characters. What is longer is not for us. */
const MESSAGE_CHARACTERS_MAX = 65_536;
const SUBSCRIBE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sym_subscribe', params: ['newHeads'] });

/**
 * Calls for each new head, and once for each connection, because heads may have been missed before it. The result ends that. An
 * http address stands for the WebSocket on the same port.
 */
export function followHeads(nodeUrl: string, call: () => void): () => void {
  const url = nodeUrl.replace(/^http/, 'ws');
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isStopped = false;

  const later = (ms: number, next: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(next, ms);
    timer.unref();
  };
  const again = (from: WebSocket): void => {
    if (socket !== from || isStopped) return;
    socket = undefined;
    from.close();
    failures++;
    later(Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS), connect);
  };

  function connect(): void {
    const next = new WebSocket(url);
    socket = next;
    later(QUIET_MS, () => again(next));
    next.addEventListener('open', () => next.send(SUBSCRIBE));
    next.addEventListener('close', () => again(next));
    next.addEventListener('error', () => again(next));
    next.addEventListener('message', ({ data }) => {
      if (socket !== next || isStopped) return;
      if (!isHint(data)) return again(next);
      failures = 0;
      later(QUIET_MS, () => again(next));
      call();
    });
  }
  connect();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}

/** True for the answer that grants the subscription and for a new head; what it says is asked for anyway. */
function isHint(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > MESSAGE_CHARACTERS_MAX) return false;
  try {
    const message = JSON.parse(data) as { id?: unknown; result?: unknown; method?: unknown } | null;
    return message?.method === 'sym_subscription' || (message?.id === 1 && typeof message.result === 'string');
  } catch {
    // A node that sends no JSON is no node; the poll goes on.
    return false;
  }
}
