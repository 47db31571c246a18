/** The scanner's language layer. */
import { createI18n, type Language } from './create-i18n.tsx';
import type { ko } from './scan-ko.ts';
import type { Texts } from './texts.ts';

export const { LanguageProvider, useT, useRich, useLanguage } = createI18n<typeof ko>();

/** Fetches the texts of one language. */
export const loadTexts = async (language: Language): Promise<Texts> =>
  language === 'en' ? (await import('./scan-en.ts')).en : (await import('./scan-ko.ts')).ko;
