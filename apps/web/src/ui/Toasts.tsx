import { useEffect } from 'react';
import { createStore, useStore } from '../state/store.ts';
import { Icon, type IconName } from './Icon.tsx';
import './Toasts.css';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly icon: IconName;
}

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;
/** Three lines are all that a phone can show over a screen. */
const SHOWN_MAX = 3;
const SHOWN_MS = 4_000;

/** Shows a short sentence over the screen for four seconds. Never the only place for a problem. */
export function toast(text: string, icon: IconName = 'check'): void {
  toasts.set([...toasts.get(), { id: ++lastId, text, icon }].slice(-SHOWN_MAX));
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((item) => (
        <ToastLine key={item.id} item={item} />
      ))}
    </div>
  );
}

function ToastLine({ item }: { item: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => toasts.set(toasts.get().filter(({ id }) => id !== item.id)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [item.id]);
  return (
    <p className="toast">
      <Icon name={item.icon} size={20} />
      {item.text}
    </p>
  );
}
