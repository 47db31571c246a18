/** Live events from the server into the query cache. One connection for the page; the browser resumes it by the last event's id. */
import { eventSchema, type EventView } from '@jigeum/api';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { createStore } from './store.ts';
import { meQuery } from './queries.ts';

export type LiveState = 'off' | 'connecting' | 'open' | 'broken';

/** Whether live events arrive: the frame shows a banner while they do not. */
export const liveState = createStore<LiveState>('off');

type Listener = (event: EventView) => void;
const listeners = new Set<Listener>();

/** Calls `listener` for each live event. Returns the way to stop. */
export function onLiveEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The browser gives up after some answers (a 401, a proxy's 502); we ask again after this long. */
const REOPEN_MS = 3_000;

/** Opens the connection and keeps it. Returns the way to close it. */
export function startLive(cache: QueryClient): () => void {
  let source: EventSource | null = null;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let wasBroken = false;

  const receive = (message: MessageEvent<string>): void => {
    const event = decodeEvent(message.data);
    if (event === null) return;
    applyEvent(cache, event);
    for (const listener of listeners) listener(event);
  };

  const open = (): void => {
    liveState.set(wasBroken ? 'broken' : 'connecting');
    source = new EventSource('/v1/events');
    source.onopen = () => {
      liveState.set('open');
      // What happened before the first event, or while nothing arrived, is asked for: a stream tells only what is new.
      void cache.invalidateQueries();
      wasBroken = false;
    };
    source.onmessage = receive;
    for (const kind of ['transfer', 'charge', 'balances', 'me'] as const) source.addEventListener(kind, receive);
    source.onerror = () => {
      wasBroken = true;
      liveState.set('broken');
      if (source?.readyState !== EventSource.CLOSED) return;
      // A session that has ended shows itself in the answer to "who am I".
      void cache.invalidateQueries({ queryKey: meQuery.queryKey });
      reopen = setTimeout(open, REOPEN_MS);
    };
  };

  open();
  return () => {
    clearTimeout(reopen);
    source?.close();
    liveState.set('off');
  };
}

/** A live event from its text; null for one that this version does not know, which the next question will show anyway. */
export function decodeEvent(text: string): EventView | null {
  try {
    const json: unknown = JSON.parse(text);
    const parsed = eventSchema.safeDecode(json as never);
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: a proxy's page. Polling goes on.
    return null;
  }
}

/** Writes what an event tells into the cache; lists are put right at their first page and then asked for again. */
export function applyEvent(cache: QueryClient, event: EventView): void {
  if (event.kind === 'me') cache.setQueryData(['me'], event.me);
  else if (event.kind === 'balances') cache.setQueryData(['balances'], event.balances);
  else if (event.kind === 'charge') {
    cache.setQueryData(['charge', event.charge.chargeId], event.charge);
    upsert(cache, ['charges'], event.charge, (charge) => charge.chargeId);
  } else {
    const { transfer } = event;
    cache.setQueryData(['transfer', transfer.transferId], transfer);
    if (transfer.kind === 'payment') {
      for (const filter of ['all', transfer.direction])
        upsert(cache, ['transfers', filter], transfer, (item) => item.transferId);
    }
    void cache.invalidateQueries({ queryKey: ['balances'] });
    if (transfer.state === 'final') void cache.invalidateQueries({ queryKey: ['payees'] });
  }
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

function upsert<T>(cache: QueryClient, queryKey: readonly string[], item: T, idOf: (item: T) => string): void {
  cache.setQueryData<InfiniteData<Page<T>>>(queryKey, (list) => {
    if (list === undefined) return undefined;
    let isKnown = false;
    const pages = list.pages.map((page) => ({
      ...page,
      items: page.items.map((old) => {
        if (idOf(old) !== idOf(item)) return old;
        isKnown = true;
        return item;
      }),
    }));
    const first = pages[0];
    if (!isKnown && first !== undefined) pages[0] = { ...first, items: [item, ...first.items] };
    return { ...list, pages };
  });
}
