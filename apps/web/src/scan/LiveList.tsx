import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useT } from '../i18n/scan.ts';

const SLIDE_MS = 280;

interface LiveListProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  children: (item: T) => ReactNode;
}

/**
 * A list whose newest rows come in at the top: the rest slides down instead of jumping. While somebody points at it or has
 * the focus inside, it stands still, so that nothing moves away under the finger.
 */
export function LiveList<T>({ items, keyOf, children }: LiveListProps<T>) {
  const t = useT();
  const list = useRef<HTMLUListElement>(null);
  const [held, setHeld] = useState<readonly T[] | null>(null);
  const shown = held ?? items;

  const newest = useRef(items);
  newest.current = items;
  useEffect(() => holdWhileUsed(list.current!, (isUsed) => setHeld(isUsed ? newest.current : null)), []);

  const keys = shown.map(keyOf);
  const before = useRef<ReadonlySet<string> | null>(null);
  const firstKey = keys[0];
  useLayoutEffect(() => {
    const known = before.current;
    before.current = new Set(keys);
    if (known !== null)
      slideIn(
        list.current!,
        keys.findIndex((key) => known.has(key)),
      );
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the first key says whether there is anything new
  }, [firstKey]);

  return (
    <div className="scan-live">
      <ul ref={list} className="scan-list scan-clip">
        {shown.map((item) => (
          <li key={keyOf(item)}>{children(item)}</li>
        ))}
      </ul>
      {held !== null && held !== items && <p className="scan-held">{t('live.held')}</p>}
    </div>
  );
}

/** Tells when a mouse comes over the list or the keyboard goes into it, and when both are gone. */
function holdWhileUsed(list: HTMLElement, tell: (isUsed: boolean) => void): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  list.addEventListener('pointerenter', (event) => event.pointerType === 'mouse' && tell(true), { signal });
  list.addEventListener('pointerleave', () => tell(false), { signal });
  list.addEventListener('focusin', () => list.querySelector(':focus-visible') !== null && tell(true), { signal });
  list.addEventListener('focusout', () => tell(false), { signal });
  return () => stopping.abort();
}

/** Moves the rows from where they were to where they are. `fresh`: how many new ones stand above the first old one. */
function slideIn(list: HTMLElement, fresh: number): void {
  // A small screen shows fewer.
  const rows = [...list.children].filter((row) => row.getClientRects().length > 0);
  // All new is another list, not news.
  if (fresh <= 0 || fresh >= rows.length || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const shift = rows[fresh]!.getBoundingClientRect().top - rows[0]!.getBoundingClientRect().top;
  const timing = { duration: SLIDE_MS, easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)' };
  for (const [index, row] of rows.entries()) {
    const from = index < fresh ? { opacity: 0 } : {};
    row.animate([{ transform: `translateY(${-shift}px)`, ...from }, { transform: 'none' }], timing);
  }
}
