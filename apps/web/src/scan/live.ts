/**
 * The overview as it changes, over one connection that is open only while somebody looks: a hidden tab has none, and asks
 * anew when it is shown again.
 */
import { scanOverviewSchema, type ScanOverviewView } from '@jigeum/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { overviewQuery } from './queries.ts';

export type LiveState = 'connecting' | 'open' | 'broken';

/** The browser opens a broken stream again by itself, but gives up after some answers (429, a proxy's 502). */
const REOPEN_MS = 5_000;
/** While no events come the overview is asked for this often. */
const WITHOUT_EVENTS_MS = 5_000;

/** The overview and whether it is live. `data` is undefined until the first answer. */
export function useLiveOverview() {
  const cache = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const query = useQuery({ ...overviewQuery, refetchInterval: state === 'broken' ? WITHOUT_EVENTS_MS : false });
  useEffect(
    () => followEvents({ setState, receive: (overview) => cache.setQueryData(overviewQuery.queryKey, overview) }),
    [cache],
  );
  return { ...query, state };
}

function followEvents(hear: {
  setState: (state: LiveState) => void;
  receive: (overview: ScanOverviewView) => void;
}): () => void {
  let source: EventSource | undefined;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  const close = (): void => {
    clearTimeout(reopen);
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    close();
    hear.setState('connecting');
    const next = new EventSource('/v1/scan/events');
    source = next;
    next.addEventListener('open', () => hear.setState('open'));
    next.addEventListener('overview', (event: MessageEvent<string>) => {
      const overview = readOverview(event.data);
      if (overview !== null) hear.receive(overview);
    });
    next.addEventListener('error', () => {
      hear.setState('broken');
      if (next.readyState === EventSource.CLOSED) reopen = setTimeout(open, REOPEN_MS);
    });
  };
  const followTab = (): void => {
    if (document.hidden) close();
    else open();
  };
  document.addEventListener('visibilitychange', followTab);
  followTab();
  return () => {
    document.removeEventListener('visibilitychange', followTab);
    close();
  };
}

/** Null for what this version does not understand: the next question shows it anyway. */
function readOverview(text: string): ScanOverviewView | null {
  try {
    const parsed = scanOverviewSchema.safeDecode(JSON.parse(text) as never);
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: a proxy's page.
    return null;
  }
}
