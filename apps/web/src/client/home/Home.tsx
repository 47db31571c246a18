import { useEffect } from 'react';
import { useT } from '../../i18n/client.ts';
import { settings, changeSettings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { Icon, Logo, type IconName } from '../../ui/Icon.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Link } from '../../ui/router.tsx';
import { useTimeline } from '../history/use-timeline.ts';
import { useMe } from '../me.tsx';
import { pendingTransfer } from '../send/pending.ts';
import { clearDraft } from '../send/send-draft.ts';
import { useBalance } from '../use-wallet.ts';
import { BalanceCard } from './BalanceCard.tsx';
import { RecentList } from './RecentList.tsx';
import './Home.css';

const RECENT_COUNT = 5;

/** The money, the three things to do with it, and what happened last. */
export default function Home() {
  const t = useT();
  const me = useMe();
  const { isBalanceHidden } = useStore(settings);
  const pending = useStore(pendingTransfer);
  const { balance, isFailed, retry } = useBalance();
  const timeline = useTimeline('all');
  const waiting = timeline.entries.find((entry) => entry.kind === 'charge' && entry.charge.state === 'waiting');
  useEffect(() => {
    document.title = `${t('home.title')} · ${t('app.name')}`;
  }, [t]);

  return (
    <div className="home">
      <header className="home-bar">
        <h1 tabIndex={-1}>
          <Logo size={30} />
          {t('home.greeting', { name: me.maskedName })}
        </h1>
        <button
          type="button"
          className="icon-button"
          aria-pressed={isBalanceHidden}
          aria-label={t('home.hide')}
          onClick={() => changeSettings({ isBalanceHidden: !isBalanceHidden })}
        >
          <Icon name={isBalanceHidden ? 'eyeOff' : 'eye'} />
        </button>
      </header>
      <div className="home-main">
        {pending?.phase === 'asked' && (
          <Link to={`/send/${pending.transferId}`} className="notice" data-tone="caution">
            <Icon name="clock" size={20} />
            <span className="notice-text">
              <span className="notice-title">{t('home.checkingTransfer')}</span>
              <span>{t('home.checkingTransferText')}</span>
            </span>
            <Icon name="chevron" size={20} />
          </Link>
        )}
        {me.wallet.state === 'preparing' && (
          <Notice tone="brand" icon="clock" title={t('home.preparing')}>
            {t('home.preparingText')}
          </Notice>
        )}
        <BalanceCard balance={balance} isHidden={isBalanceHidden} isFailed={isFailed} onRetry={retry} />
        <Actions />
        {waiting !== undefined && (
          <Link to={`/charge/${waiting.id}`} className="notice" data-tone="brand">
            <Icon name="clock" size={20} />
            <span className="notice-text">
              <span className="notice-title">{t('home.waitingCharge')}</span>
            </span>
            <Icon name="chevron" size={20} />
          </Link>
        )}
      </div>
      <RecentList
        entries={timeline.entries.slice(0, RECENT_COUNT)}
        isPending={timeline.isPending}
        isFailed={timeline.isFailed}
        isHidden={isBalanceHidden}
        onRetry={timeline.retry}
      />
    </div>
  );
}

function Actions() {
  const t = useT();
  const actions: [string, IconName, string][] = [
    ['/send', 'send', t('app.send')],
    ['/receive', 'qr', t('app.receive')],
    ['/charge', 'plus', t('app.charge')],
  ];
  return (
    <div className="home-actions">
      {actions.map(([to, icon, text]) => (
        // From here a payment begins anew; the back button and a reload keep what was entered.
        <Link key={to} to={to} className="home-action" onClick={to === '/send' ? clearDraft : undefined}>
          <span className="home-action-icon">
            <Icon name={icon} size={26} />
          </span>
          {text}
        </Link>
      ))}
    </div>
  );
}
