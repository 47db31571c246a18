import { useEffect, useState } from 'react';
import { LanguageProvider, loadTexts, useT } from '../i18n/scan.ts';
import type { Texts } from '../i18n/texts.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { findRoute, Outlet, usePlace } from '../ui/router.tsx';
import { Header } from './Header.tsx';
import { NotFound, PageSkeleton } from './parts.tsx';
import { routePath, routes } from './routes.ts';
import './Scan.css';

/** The public scanner: what the chain shows to anyone. Reads only. */
export function ScanApp({ initialTexts }: { initialTexts: Texts }) {
  const { language } = useStore(settings);
  const [spoken, setSpoken] = useState({ language, texts: initialTexts });
  useEffect(() => {
    if (spoken.language !== language) void loadTexts(language).then((texts) => setSpoken({ language, texts }));
  }, [language, spoken.language]);
  const { path, search } = usePlace();
  const match = findRoute(routes, routePath(path));
  return (
    <LanguageProvider language={spoken.language} texts={spoken.texts}>
      <Header section={match?.route.data.section ?? null} />
      <main id="content" className="scan-main">
        {match === null ? (
          <NotFound />
        ) : (
          <Outlet match={match} path={`${path}?${search.toString()}`} waiting={<PageSkeleton />} />
        )}
      </main>
      <Footer />
    </LanguageProvider>
  );
}

function Footer() {
  const t = useT();
  return (
    <footer className="scan-footer">
      <span>
        {t('app.name')} · {t('app.tagline')}
      </span>
      <span className="scan-footer-key">{t('search.key', { key: '/' })}</span>
    </footer>
  );
}
