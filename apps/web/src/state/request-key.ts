import { randomIds, systemClock } from '@jigeum/std';
import { useRef } from 'react';
import { isCertain } from './api.ts';

export interface RequestKey {
  /** The key to send with. */
  readonly take: () => string;
  /** The request has an answer, or `error`: after a certain one the next request is another. */
  readonly settle: (error?: unknown) => void;
}

/**
 * The idempotency key of a request that a screen sends: the same as long as its content is the same and no certain answer
 * has come, so that a second tap after a lost answer does not send a second text message. It lives with the screen: what
 * is typed there is not stored either.
 */
export function useRequestKey(content: string): RequestKey {
  const held = useRef<{ content: string; key: string } | null>(null);
  return {
    take() {
      if (held.current?.content !== content) held.current = { content, key: randomIds.uuid(systemClock.nowMs()) };
      return held.current.key;
    },
    settle(error) {
      if (error === undefined || isCertain(error)) held.current = null;
    },
  };
}
