import type { PersonView } from '@jigeum/api';
import { useT, type T } from '../i18n/client.ts';
import { Icon, type IconName } from './Icon.tsx';
import './Person.css';

const TONES = 5;

/** The first letter of a name on a colour of its own. */
export function Avatar({ person, size = 44 }: { person: Pick<PersonView, 'memberId' | 'maskedName'>; size?: number }) {
  const tone = [...person.memberId].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0) % TONES;
  return (
    <span
      className="avatar"
      aria-hidden="true"
      style={{
        inlineSize: `${size / 16}rem`,
        blockSize: `${size / 16}rem`,
        fontSize: `${size / 40}rem`,
        background: `var(--avatar-${tone})`,
        color: `var(--avatar-${tone}-text)`,
      }}
    >
      {[...person.maskedName][0]}
    </span>
  );
}

/** A round picture for what is no person: a charge, a QR. */
export function Emblem({
  icon,
  tone = 'plain',
}: {
  icon: IconName;
  tone?: 'plain' | 'brand' | 'positive' | 'caution' | 'danger';
}) {
  return (
    <span className="emblem" data-tone={tone} aria-hidden="true">
      <Icon name={icon} size={22} />
    </span>
  );
}

/** "Name verified": what the platform knows, never more. */
export function NameBadge({ person, isLong = false }: { person: Pick<PersonView, 'badge'>; isLong?: boolean }) {
  const t = useT();
  const { badge } = person;
  return (
    <span className="name-badge" data-verified={badge.isRealNameVerified}>
      <Icon name={badge.isRealNameVerified ? 'shield' : 'alert'} size={16} />
      {badgeText(badge, isLong, t)}
    </span>
  );
}

function badgeText(badge: PersonView['badge'], isLong: boolean, t: T): string {
  if (!badge.isRealNameVerified) return t('app.notVerified');
  return isLong && badge.verifiedSince !== null
    ? t('app.verifiedSince', { month: monthText(badge.verifiedSince, t) })
    : t('app.verified');
}

/** `2026-11` as people say it. */
const monthText = (month: string, t: T): string =>
  t('app.month', { year: month.slice(0, 4), month: month.slice(5).replace(/^0/, '') });
