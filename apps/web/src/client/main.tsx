import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../style/tokens.css';
import '../style/base.css';
import { loadTexts } from '../i18n/client.ts';
import { queryClient } from '../state/api.ts';
import { settings } from '../state/settings.ts';
import { App } from './App.tsx';

const texts = await loadTexts(settings.get().language);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App initialTexts={texts} />
    </QueryClientProvider>
  </StrictMode>,
);

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Without the worker the app works all the same; it is only not there offline.
  navigator.serviceWorker.register('/sw.js').catch((cause: unknown) => console.warn('No offline shell:', cause));
}
