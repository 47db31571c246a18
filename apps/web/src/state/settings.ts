/** What the person chose for this device: language, colours, text size, hidden balance. */
import type { Language } from '../i18n/create-i18n.tsx';
import { createStore } from './store.ts';

export interface Settings {
  readonly language: Language;
  readonly colours: 'auto' | 'light' | 'dark';
  readonly isTextBig: boolean;
  readonly isBalanceHidden: boolean;
}

const defaults: Settings = { language: 'ko', colours: 'auto', isTextBig: false, isBalanceHidden: false };

/** Also read by `public/boot.js` before the first paint. */
export const settings = createStore<Settings>(defaults, {
  storage: () => localStorage,
  key: 'jigeum.settings',
  decode: (json) => {
    if (typeof json !== 'object' || json === null) return undefined;
    const stored = json as Partial<Settings>;
    return {
      language: stored.language === 'en' ? 'en' : 'ko',
      colours: stored.colours === 'light' || stored.colours === 'dark' ? stored.colours : 'auto',
      isTextBig: stored.isTextBig === true,
      isBalanceHidden: stored.isBalanceHidden === true,
    };
  },
});

/** Changes some settings and shows them at once. */
export function changeSettings(change: Partial<Settings>): void {
  const next = { ...settings.get(), ...change };
  settings.set(next);
  const root = document.documentElement;
  if (next.colours === 'auto') delete root.dataset['colours'];
  else root.dataset['colours'] = next.colours;
  if (next.isTextBig) root.dataset['text'] = 'big';
  else delete root.dataset['text'];
}
