import { useEffect } from 'react';
import { useLanguage, useT } from '../../i18n/client.ts';
import { changeSettings } from '../../state/settings.ts';
import { ButtonLink } from '../../ui/Button.tsx';
import { Icon, Logo, type IconName } from '../../ui/Icon.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { Tick } from '../../ui/Tick.tsx';
import './Landing.css';

/** What a stranger sees: what this is, and the two ways in. */
export default function Landing() {
  const t = useT();
  const language = useLanguage();
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('app.tagline')}`;
  }, [t]);
  const points: [IconName, string, string][] = [
    ['shield', t('landing.point1'), t('landing.point1Text')],
    ['bolt', t('landing.point2'), t('landing.point2Text')],
    ['lock', t('landing.point3'), t('landing.point3Text')],
  ];
  return (
    <div className="landing">
      <header className="landing-bar">
        <span className="landing-brand">
          <Logo size={32} />
          {t('app.name')}
        </span>
        <button
          type="button"
          className="text-link"
          lang={language === 'ko' ? 'en' : 'ko'}
          onClick={() => changeSettings({ language: language === 'ko' ? 'en' : 'ko' })}
        >
          {t('landing.language')}
        </button>
      </header>
      <div className="landing-words">
        <h1 tabIndex={-1}>{t('landing.title')}</h1>
        <p className="landing-text">{t('landing.text')}</p>
      </div>
      <LandingPicture />
      <ul className="landing-points">
        {points.map(([icon, title, text]) => (
          <li key={icon}>
            <Icon name={icon} />
            <div>
              <h2>{title}</h2>
              <p className="muted">{text}</p>
            </div>
          </li>
        ))}
      </ul>
      <div className="landing-actions">
        <ButtonLink to="/join">{t('landing.join')}</ButtonLink>
        <ButtonLink to="/login" look="plain">
          {t('landing.login')}
        </ButtonLink>
      </div>
    </div>
  );
}

/** One payment, drawn: the name, the badge, the tick. */
function LandingPicture() {
  const t = useT();
  return (
    <div className="landing-picture" aria-hidden="true">
      <svg className="landing-path" viewBox="0 0 320 320" preserveAspectRatio="none" fill="none">
        <path
          d="M70 90 C 60 190, 250 110, 240 230"
          stroke="var(--brand)"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeDasharray="1 9"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <div className="landing-card landing-card-payee">
        <Avatar person={{ memberId: 'yeon', maskedName: t('landing.sampleName') }} />
        <div>
          <strong>{t('landing.sampleName')}</strong>
          <span className="name-badge" data-verified="true">
            <Icon name="shield" size={16} />
            {t('app.verified')}
          </span>
        </div>
      </div>
      <div className="landing-card landing-card-done">
        <Tick state="done" />
        <strong>{t('landing.sampleDone')}</strong>
        <span className="muted">{t('landing.sampleReading')}</span>
      </div>
    </div>
  );
}
