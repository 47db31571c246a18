import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../style/tokens.css';
import '../style/base.css';
import { loadTexts } from '../i18n/scan.ts';
import { queryClient } from '../state/api.ts';
import { settings } from '../state/settings.ts';
import { findRoute, loadScreen } from '../ui/router.tsx';
import { routePath, routes } from './routes.ts';
import { ScanApp } from './ScanApp.tsx';

// Texts, the page's code and its data are under way at the same time.
const match = findRoute(routes, routePath(location.pathname));
const waiting = loadTexts(settings.get().language);
const screen = match === null ? undefined : loadScreen(match.route);
match?.route.data.ask(queryClient, match.params);
const texts = await waiting;
await screen;

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ScanApp initialTexts={texts} />
    </QueryClientProvider>
  </StrictMode>,
);
