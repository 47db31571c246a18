import { useEffect, useState } from 'react';
import { LanguageProvider, loadTexts, useLanguage, useT } from '../i18n/scan.ts';
import type { Texts } from '../i18n/texts.ts';
import { changeSettings, settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { Icon, Logo } from '../ui/Icon.tsx';
import { findRoute, Link, navigate, Outlet, usePlace, type Route } from '../ui/router.tsx';
import { NotFound, PageSkeleton } from './parts.tsx';
import { searchPath } from './search.ts';
import './Scan.css';

const routes: readonly Route<null>[] = [
  { path: '/scan', data: null, load: () => import('./Overview.tsx') },
  { path: '/scan/transactions/:hash', data: null, load: () => import('./Transaction.tsx') },
  { path: '/scan/blocks/:number', data: null, load: () => import('./Block.tsx') },
  { path: '/scan/accounts/:symId', data: null, load: () => import('./Account.tsx') },
  { path: '/scan/tokens/:contract', data: null, load: () => import('./Token.tsx') },
];

/** The public scanner: what the chain shows to anyone. Reads only. */
export function ScanApp({ initialTexts }: { initialTexts: Texts }) {
  const { language } = useStore(settings);
  const [spoken, setSpoken] = useState({ language, texts: initialTexts });
  useEffect(() => {
    if (spoken.language !== language) void loadTexts(language).then((texts) => setSpoken({ language, texts }));
  }, [language, spoken.language]);
  const { path } = usePlace();
  const match = findRoute(routes, path.replace(/^\/scan\.html$/, '/scan'));
  return (
    <LanguageProvider language={spoken.language} texts={spoken.texts}>
      <Header />
      <main id="content" className="scan-main">
        {match === null ? <NotFound /> : <Outlet match={match} path={path} waiting={<PageSkeleton />} />}
      </main>
      <Footer />
    </LanguageProvider>
  );
}

function Header() {
  const t = useT();
  const language = useLanguage();
  return (
    <header className="scan-header">
      <a className="frame-skip" href="#content">
        {t('app.skip')}
      </a>
      <div className="scan-header-row">
        <Link to="/scan" className="scan-brand">
          <Logo size={30} />
          {t('app.name')}
        </Link>
        <Search />
        <button
          type="button"
          className="scan-link"
          lang={language === 'ko' ? 'en' : 'ko'}
          onClick={() => changeSettings({ language: language === 'ko' ? 'en' : 'ko' })}
        >
          {t('app.language')}
        </button>
        <a className="scan-link" href="/">
          {t('app.toApp')}
        </a>
      </div>
    </header>
  );
}

function Search() {
  const t = useT();
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  return (
    <form
      role="search"
      className="scan-search"
      onSubmit={(event) => {
        event.preventDefault();
        const path = searchPath(text);
        setWrong(path === null);
        if (path === null) return;
        setText('');
        navigate(path);
      }}
    >
      <Icon name="search" size={20} />
      <input
        type="search"
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={80}
        value={text}
        aria-invalid={isWrong || undefined}
        aria-describedby={isWrong ? 'search-problem' : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setWrong(false);
        }}
      />
      <button type="submit">{t('search.submit')}</button>
      {isWrong && (
        <p id="search-problem" role="alert">
          {t('search.notUnderstood')}
        </p>
      )}
    </form>
  );
}

function Footer() {
  const t = useT();
  return (
    <footer className="scan-footer">
      {t('app.name')} · {t('app.tagline')}
    </footer>
  );
}
