/** Whether the wallet is open on this page, and where the person wanted to go before logging in. */
import type { MeView } from '@jigeum/api';
import { createStore } from './store.ts';

/** The server locks the wallet after this long without use; so does the screen. */
export const IDLE_MS = 10 * 60 * 1_000;

/** True while the passphrase is asked for over whatever is on the screen. */
export const isLocked = createStore(false);

/** The place that was asked for before logging in: a payee's QR, for example. Kept for this tab. */
export const wantedPlace = createStore<string | null>(null, {
  storage: () => sessionStorage,
  key: 'jigeum.wanted',
  // Paths of this site only: anything else would be an open redirect.
  decode: (json) => (typeof json === 'string' && /^\/(?!\/)/.test(json) ? json : undefined),
});

/** The wanted place, once. */
export function takeWantedPlace(): string {
  const place = wantedPlace.get() ?? '/';
  wantedPlace.set(null);
  return place;
}

/** Shows the lock where the server says that the wallet is locked. */
export function followServer(me: MeView): void {
  if (!me.session.isUnlocked) isLocked.set(true);
}

const SIGNS_OF_LIFE = ['pointerdown', 'keydown', 'touchstart'] as const;

/** Locks the screen after ten minutes in which nobody touched it. Returns the way to stop. */
export function watchIdle(): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => isLocked.set(true), IDLE_MS);
  };
  restart();
  for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, restart, { passive: true });
  return () => {
    clearTimeout(timer);
    for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, restart);
  };
}
