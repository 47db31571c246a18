/** A value outside React that components can watch and that may survive a reload. */
import { useSyncExternalStore } from 'react';

export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

/** The part of `Storage` that we use. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

interface Persistence<T> {
  storage: () => KeyValueStorage;
  key: string;
  /** Reads what was stored; undefined refuses it (an older shape, a foreign hand). */
  decode: (json: unknown) => T | undefined;
}

/**
 * Makes a store. With `persistence` each change is written before listeners hear of it, and while somebody listens a change
 * that another tab has written is taken over: a payment that is under way there is under way here.
 */
export function createStore<T>(initial: T, persistence?: Persistence<T>): Store<T> {
  let value = persistence === undefined ? initial : (readStored(persistence) ?? initial);
  const listeners = new Set<() => void>();
  const tell = (): void => listeners.forEach((listener) => listener());
  const takeOver = (event: StorageEvent): void => {
    // A null key: the other tab has cleared everything.
    if (persistence === undefined || (event.key !== null && event.key !== persistence.key)) return;
    value = readStored(persistence) ?? initial;
    tell();
  };
  const watchOthers = (isWatched: boolean): void => {
    if (persistence === undefined) return;
    if (isWatched) addEventListener('storage', takeOver);
    else removeEventListener('storage', takeOver);
  };
  return {
    get: () => value,
    set(next) {
      value = next;
      if (persistence !== undefined) writeStored(persistence, next);
      tell();
    },
    subscribe(listener) {
      if (listeners.size === 0) watchOthers(true);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) watchOthers(false);
      };
    },
  };
}

/** The store's value, watched. */
export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);

function readStored<T>({ storage, key, decode }: Persistence<T>): T | undefined {
  try {
    const text = storage().getItem(key);
    return text === null ? undefined : decode(JSON.parse(text));
  } catch {
    // No storage (a private window) or not JSON: as if nothing were stored.
    return undefined;
  }
}

function writeStored<T>({ storage, key }: Persistence<T>, value: T): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage must not stop the screen; the value lives on in memory.
  }
}
