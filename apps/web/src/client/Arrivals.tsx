import { useEffect, useEffectEvent } from 'react';
import type { EventView } from '@jigeum/api';
import { useLanguage, useT } from '../i18n/client.ts';
import { onLiveEvent } from '../state/live.ts';
import { moneyText } from '../ui/money.ts';
import { toast } from '../ui/Toasts.tsx';

/** Says over any screen that money has come in. The receive screen says it larger by itself. */
export function Arrivals({ path }: { path: string }) {
  const t = useT();
  const language = useLanguage();
  const tell = useEffectEvent((event: EventView) => {
    if (event.kind === 'transfer' && path !== '/receive') {
      const { transfer } = event;
      if (transfer.direction !== 'in' || transfer.state !== 'final' || transfer.counterparty === null) return;
      const amount = moneyText(transfer.amount, transfer.token, language);
      toast(t('home.arrived', { name: transfer.counterparty.maskedName, amount }), 'receive');
    }
    if (event.kind === 'charge' && event.charge.state === 'done' && !path.startsWith('/charge/'))
      toast(t('home.charged', { amount: moneyText(event.charge.amount, event.charge.token, language) }), 'check');
  });
  useEffect(() => onLiveEvent((event) => tell(event)), []);
  return null;
}
