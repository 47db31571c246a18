import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../style/tokens.css';
import '../style/base.css';
import { loadTexts } from '../i18n/scan.ts';
import { queryClient } from '../state/api.ts';
import { settings } from '../state/settings.ts';
import { ScanApp } from './ScanApp.tsx';

const texts = await loadTexts(settings.get().language);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ScanApp initialTexts={texts} />
    </QueryClientProvider>
  </StrictMode>,
);
