import type { ReactNode } from 'react';
import { useT, type T } from '../i18n/client.ts';
import { liveState } from '../state/live.ts';
import { useStore } from '../state/store.ts';
import { useOnline } from '../state/use-online.ts';
import { Icon, Logo, type IconName } from '../ui/Icon.tsx';
import { Link } from '../ui/router.tsx';
import { useMe } from './me.tsx';
import './Frame.css';

interface FrameProps {
  path: string;
  frame: 'tabs' | 'flow';
  children: ReactNode;
}

/** What stands around every screen of a member: the menu (a bar below on a phone, a column on a wide window) and the banners. */
export function Frame({ path, frame, children }: FrameProps) {
  const t = useT();
  return (
    <div className="frame" data-frame={frame}>
      <a className="frame-skip" href="#content">
        {t('app.skip')}
      </a>
      <nav className="menu" aria-label={t('app.menu')}>
        <Link to="/" className="menu-brand">
          <Logo size={32} />
          <span>{t('app.name')}</span>
        </Link>
        {menuOf(t).map((item) => (
          <Link
            key={item.to}
            to={item.to}
            className="menu-item"
            data-wide-only={item.isWideOnly}
            aria-current={isWithin(path, item.to) ? 'page' : undefined}
          >
            <Icon name={item.icon} />
            <span>{item.text}</span>
          </Link>
        ))}
      </nav>
      <div className="frame-column">
        <Banners />
        <main id="content" className="frame-main">
          {children}
        </main>
      </div>
    </div>
  );
}

interface MenuItem {
  readonly to: string;
  readonly icon: IconName;
  readonly text: string;
  /** On a phone these are the large buttons of the home screen. */
  readonly isWideOnly: boolean;
}

const menuOf = (t: T): MenuItem[] => [
  { to: '/', icon: 'home', text: t('app.home'), isWideOnly: false },
  { to: '/send', icon: 'send', text: t('app.send'), isWideOnly: true },
  { to: '/receive', icon: 'qr', text: t('app.receive'), isWideOnly: true },
  { to: '/charge', icon: 'plus', text: t('app.charge'), isWideOnly: true },
  { to: '/history', icon: 'list', text: t('app.history'), isWideOnly: false },
  { to: '/settings', icon: 'settings', text: t('app.settings'), isWideOnly: false },
];

const isWithin = (path: string, place: string): boolean =>
  place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`);

function Banners() {
  const t = useT();
  const isOnline = useOnline();
  const live = useStore(liveState);
  const { isSimulation } = useMe();
  return (
    <div className="banners">
      <div role="status">
        {!isOnline ? (
          <p className="banner" data-tone="caution">
            <Icon name="alert" size={16} />
            {t('app.offline')}
          </p>
        ) : (
          live === 'broken' && (
            <p className="banner banner-late" data-tone="caution">
              <Icon name="clock" size={16} />
              {t('app.reconnecting')}
            </p>
          )
        )}
      </div>
      {isSimulation && <p className="banner">{t('app.simulation')}</p>}
    </div>
  );
}
