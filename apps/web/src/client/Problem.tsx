import { useLanguage, useT, type T } from '../i18n/client.ts';
import type { Language } from '../i18n/create-i18n.tsx';
import { refusalSentence, triesLeftOf } from '../state/api.ts';
import { Notice } from '../ui/Notice.tsx';

/** What went wrong with a request, in the member's language, beside what they were doing. */
export function Problem({ error }: { error: unknown }) {
  const t = useT();
  const language = useLanguage();
  if (error === null || error === undefined) return null;
  const tries = triesLeftOf(error);
  return (
    <Notice tone="danger" title={problemSentence(error, t, language)}>
      {tries === null || tries === 0 ? null : t('problem.triesLeft', { tries })}
    </Notice>
  );
}

export const problemSentence = (error: unknown, t: T, language: Language): string =>
  refusalSentence(error, language) ?? t('problem.unknown');
