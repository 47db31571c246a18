import { createContext, Fragment, use, useEffect, type ReactNode } from 'react';
import { lookUp, splitText, type TextKey, type Texts, type TextValues } from './texts.ts';

export type Language = 'ko' | 'en';

interface Spoken {
  readonly language: Language;
  readonly texts: Texts;
}

/**
 * The language layer of one entry. `ko` gives the keys and placeholders; the texts of the language in use are passed in,
 * so that a first load carries one language only.
 */
export function createI18n<T extends Texts>() {
  const Context = createContext<Spoken | null>(null);

  const useSpoken = (): Spoken => {
    const spoken = use(Context);
    if (spoken === null) throw new Error('Expected a LanguageProvider above this component.');
    return spoken;
  };

  function LanguageProvider({ language, texts, children }: Spoken & { children: ReactNode }) {
    useEffect(() => {
      document.documentElement.lang = language;
    }, [language]);
    return <Context value={{ language, texts }}>{children}</Context>;
  }

  /** `t('send.title')`: the text in the language in use, placeholders filled. */
  function useT() {
    const { texts } = useSpoken();
    return <K extends TextKey<T>>(key: K, ...values: TextValues<T, K, string | number>): string => {
      const given = values[0] as Readonly<Record<string, string | number>> | undefined;
      return splitText(lookUp(texts, key))
        .map((part, index) => (index % 2 === 0 ? part : String(given?.[part] ?? '')))
        .join('');
    };
  }

  /** Like `t`, where a placeholder is an element: an amount, a name in bold. */
  function useRich() {
    const { texts } = useSpoken();
    return <K extends TextKey<T>>(key: K, ...values: TextValues<T, K, ReactNode>): ReactNode => {
      const given = values[0] as Readonly<Record<string, ReactNode>> | undefined;
      return splitText(lookUp(texts, key)).map((part, index) => (
        <Fragment key={index}>{index % 2 === 0 ? part : given?.[part]}</Fragment>
      ));
    };
  }

  const useLanguage = (): Language => useSpoken().language;

  return { LanguageProvider, useT, useRich, useLanguage };
}
