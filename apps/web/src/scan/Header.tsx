import { useEffect, useRef, useState } from 'react';
import { useLanguage, useT } from '../i18n/scan.ts';
import { changeSettings } from '../state/settings.ts';
import { Icon, Logo } from '../ui/Icon.tsx';
import { Link, navigate } from '../ui/router.tsx';
import { searchPath } from './paths.ts';
import type { ScanRoute } from './routes.ts';

const SECTIONS = ['blocks', 'transactions', 'tokens'] as const;

/** Name, search, menu, language. */
export function Header({ section }: { section: ScanRoute['section'] }) {
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
          <span>{t('app.name')}</span>
        </Link>
        <Search />
        <nav className="scan-nav" aria-label={t('app.menu')}>
          {SECTIONS.map((name) => (
            <Link
              key={name}
              to={`/scan/${name}`}
              className="scan-link"
              aria-current={section === name ? 'page' : undefined}
            >
              {t(`nav.${name}`)}
            </Link>
          ))}
        </nav>
        <div className="scan-header-end">
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
      </div>
    </header>
  );
}

function Search() {
  const t = useT();
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useSlash(input);
  return (
    <form
      role="search"
      className="scan-search"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === '') return;
        navigate(searchPath(text.trim()));
        setText('');
        input.current?.blur();
      }}
    >
      <Icon name="search" size={20} />
      <input
        ref={input}
        type="search"
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
        aria-keyshortcuts="/"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={80}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
      <button type="submit">{t('search.submit')}</button>
    </form>
  );
}

/** The key / goes to the search, unless somebody is writing. */
function useSlash(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select, [contenteditable]'))
        return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [input]);
}
