import { SegmentedControl, Switch } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLanguage, useT } from '../../i18n/client.ts';
import { changeSettings, settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { fullTimeText } from '../../state/time.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Avatar, NameBadge } from '../../ui/Person.tsx';
import { FormTheme } from '../form-theme.tsx';
import { logOut } from '../log-out.ts';
import { useMe } from '../me.tsx';
import { Problem } from '../Problem.tsx';
import './Settings.css';

/** How the app looks and speaks on this device, who is logged in, and the way out. */
export default function Settings() {
  const t = useT();
  const language = useLanguage();
  const me = useMe();
  const chosen = useStore(settings);
  const leave = useMutation({ mutationFn: logOut });
  useEffect(() => {
    document.title = `${t('settings.title')} · ${t('app.name')}`;
  }, [t]);
  return (
    <FormTheme>
      <div className="settings">
        <h1 tabIndex={-1}>{t('settings.title')}</h1>
        <section className="card stack" aria-label={t('settings.me')}>
          <div className="receive-who">
            <Avatar person={me} size={56} />
            <div>
              <strong>{me.maskedName}</strong>
              <NameBadge person={me} isLong />
            </div>
          </div>
          <dl className="facts">
            <div>
              <dt>{t('settings.id')}</dt>
              <dd>{me.memberId}</dd>
            </div>
            <div>
              <dt>{t('settings.phone')}</dt>
              <dd className="figures">{me.maskedPhone}</dd>
            </div>
            <div>
              <dt>{t('settings.lastLogin')}</dt>
              <dd className="figures">
                {me.lastLoginAt === null ? t('settings.firstLogin') : fullTimeText(me.lastLoginAt, language)}
              </dd>
            </div>
          </dl>
        </section>
        <section className="card stack">
          <div className="stack-8">
            <h2 id="settings-language">{t('settings.language')}</h2>
            <SegmentedControl
              id="settings-language-choice"
              name="language"
              aria-labelledby="settings-language"
              value={chosen.language}
              onChange={(value) => changeSettings({ language: value })}
              data={[
                { value: 'ko', label: '한국어' },
                { value: 'en', label: 'English' },
              ]}
            />
          </div>
          <div className="stack-8">
            <h2 id="settings-colours">{t('settings.colours')}</h2>
            <SegmentedControl
              id="settings-colours-choice"
              name="colours"
              aria-labelledby="settings-colours"
              value={chosen.colours}
              onChange={(value) => changeSettings({ colours: value })}
              data={[
                { value: 'auto', label: t('settings.coloursAuto') },
                { value: 'light', label: t('settings.coloursLight') },
                { value: 'dark', label: t('settings.coloursDark') },
              ]}
            />
          </div>
          <Switch
            id="settings-big-text"
            label={t('settings.bigText')}
            description={t('settings.bigTextHint')}
            checked={chosen.isTextBig}
            onChange={(event) => changeSettings({ isTextBig: event.currentTarget.checked })}
          />
        </section>
        <section className="card stack">
          <h2>{t('settings.security')}</h2>
          <ul className="settings-hints">
            <li>
              <Icon name="lock" size={18} />
              {t('settings.idleHint')}
            </li>
            <li>
              <Icon name="shield" size={18} />
              {t('settings.pinHint')}
            </li>
          </ul>
        </section>
        <a className="card settings-link" href="/scan" target="_blank" rel="noreferrer">
          <span>
            <strong>{t('settings.scanner')}</strong>
            <span className="muted">{t('settings.scannerHint')}</span>
          </span>
          <Icon name="chevron" size={20} />
        </a>
        <Problem error={leave.error} />
        <Button look="plain" busy={leave.isPending && t('settings.loggingOut')} onClick={() => leave.mutate()}>
          {t('settings.logout')}
        </Button>
      </div>
    </FormTheme>
  );
}
