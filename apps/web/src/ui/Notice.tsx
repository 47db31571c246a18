import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon.tsx';
import './Notice.css';

type Tone = 'plain' | 'brand' | 'caution' | 'danger' | 'positive';

interface NoticeProps {
  tone?: Tone;
  icon?: IconName;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

/** A calm box with a fact in two lines. A problem is read aloud when it appears. */
export function Notice({ tone = 'plain', icon, title, children, action }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone} role={tone === 'danger' ? 'alert' : undefined}>
      <Icon name={icon ?? (tone === 'danger' || tone === 'caution' ? 'alert' : 'check')} size={20} />
      <div className="notice-text">
        <p className="notice-title">{title}</p>
        {children !== undefined && children !== null && <p>{children}</p>}
      </div>
      {action}
    </div>
  );
}

/** Grey shapes in the place of what is being loaded; after a second the words say so. */
export function Skeleton({
  width = '100%',
  height = '1.25rem',
  isRound = false,
}: {
  width?: string;
  height?: string;
  isRound?: boolean;
}) {
  return (
    <span
      className="skeleton"
      data-round={isRound}
      style={{ inlineSize: width, blockSize: height }}
      aria-hidden="true"
    />
  );
}

/** Says what is happening once a wait has lasted a second. */
export function WaitText({ children }: { children: ReactNode }) {
  return (
    <p className="wait-text" role="status">
      {children}
    </p>
  );
}
