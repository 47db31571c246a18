import { systemClock } from '@jigeum/std';
import { useEffect, useEffectEvent } from 'react';
import type { EventView } from '@jigeum/api';
import { useLanguage, useT } from '../i18n/client.ts';
import { onLiveEvent } from '../state/live.ts';
import { moneyText } from '../ui/money.ts';
import { toast } from '../ui/Toasts.tsx';

/** What has been said already: a stream that was interrupted may tell the last minute again. */
const said = new Set<string>();
/** Older news is no news. */
const FRESH_MS = 60_000;

const isNews = (id: string, at: string | null): boolean => {
  if (said.has(id) || at === null || systemClock.nowMs() - new Date(at).getTime() > FRESH_MS) return false;
  said.add(id);
  return true;
};

/** Says over any screen that money has come in. The receive screen says it larger by itself. */
export function Arrivals({ path }: { path: string }) {
  const t = useT();
  const language = useLanguage();
  const tell = useEffectEvent((event: EventView) => {
    if (event.kind === 'transfer' && path !== '/receive') {
      const { transfer } = event;
      if (transfer.direction !== 'in' || transfer.state !== 'final' || transfer.counterparty === null) return;
      if (!isNews(transfer.transferId, transfer.finalAt)) return;
      const amount = moneyText(transfer.amount, transfer.token, language);
      toast(t('home.arrived', { name: transfer.counterparty.maskedName, amount }), 'receive');
    }
    if (event.kind === 'charge' && event.charge.state === 'done' && !path.startsWith('/charge/')) {
      if (!isNews(event.charge.chargeId, event.charge.doneAt)) return;
      toast(t('home.charged', { amount: moneyText(event.charge.amount, event.charge.token, language) }), 'check');
    }
  });
  useEffect(() => onLiveEvent((event) => tell(event)), []);
  return null;
}
