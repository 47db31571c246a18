/** Instants as people read them, and the second hand of a countdown. Times are Korea's, wherever the phone is. */
import { systemClock } from '@jigeum/std';
import { useEffect, useState } from 'react';
import type { Language } from '../i18n/create-i18n.tsx';

const locale = (language: Language): string => (language === 'ko' ? 'ko-KR' : 'en-GB');
const ZONE = 'Asia/Seoul';

/** 오후 2:05 · 14:05 */
export const timeText = (at: string, language: Language): string =>
  new Intl.DateTimeFormat(locale(language), { timeZone: ZONE, hour: 'numeric', minute: '2-digit' }).format(
    new Date(at),
  );

/** 11월 23일 오후 2:05 · 23 Nov, 14:05 */
export const dateTimeText = (at: string, language: Language): string =>
  new Intl.DateTimeFormat(locale(language), {
    timeZone: ZONE,
    month: language === 'ko' ? 'long' : 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(at));

/** 2026. 11. 23. 오후 2:05:09 · 23/11/2026, 14:05:09 */
export const fullTimeText = (at: string, language: Language): string =>
  new Intl.DateTimeFormat(locale(language), { timeZone: ZONE, dateStyle: 'medium', timeStyle: 'medium' }).format(
    new Date(at),
  );

/** Whole seconds until `at`, never below 0; counts down while it is on the screen. */
export function useSecondsUntil(at: string): number {
  const [nowMs, setNowMs] = useState(() => systemClock.nowMs());
  const seconds = Math.max(0, Math.ceil((new Date(at).getTime() - nowMs) / 1_000));
  const isOver = seconds === 0;
  useEffect(() => {
    setNowMs(systemClock.nowMs());
    if (isOver) return;
    const timer = setInterval(() => setNowMs(systemClock.nowMs()), 1_000);
    return () => clearInterval(timer);
  }, [at, isOver]);
  return seconds;
}

/** 2:05 for 125 seconds. */
export const countdownText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${(seconds % 60).toString().padStart(2, '0')}`;
