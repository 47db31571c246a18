import { useEffect, type ReactNode } from 'react';
import { useT } from '../i18n/client.ts';
import { Icon } from './Icon.tsx';
import { goBack } from './router.tsx';
import './Screen.css';

interface ScreenProps {
  /** The one question or fact of the screen. A line break in it is kept. */
  title: ReactNode;
  /** The title as plain text for the window and the history, where `title` is not. */
  plainTitle?: string;
  lead?: ReactNode;
  /** Where "back" goes when there is nothing behind. Null: no way back. */
  back?: string | null;
  onBack?: () => void;
  /** A control at the end of the top bar. */
  aside?: ReactNode;
  /** The main button, within the thumb's reach. */
  footer?: ReactNode;
  /** Beside the question on a wide window: what has been decided so far. */
  companion?: ReactNode;
  /** The mark of an outcome, large above the fact: the screen answers instead of asking. */
  mark?: ReactNode;
  children?: ReactNode;
}

/** A screen of a flow: one question, its content, one main button at the bottom. */
export function Screen({
  title,
  plainTitle,
  lead,
  back = '/',
  onBack,
  aside,
  footer,
  companion,
  mark,
  children,
}: ScreenProps) {
  const t = useT();
  const text = plainTitle ?? (typeof title === 'string' ? title.replace('\n', ' ') : t('app.name'));
  useEffect(() => {
    document.title = `${text} · ${t('app.name')}`;
  }, [text, t]);
  return (
    <div className="screen-stage" data-with-companion={companion !== undefined}>
      <section className="screen" data-outcome={mark !== undefined}>
        <div className="screen-bar">
          {back === null && onBack === undefined ? (
            <span className="screen-bar-gap" />
          ) : (
            <button
              type="button"
              className="icon-button"
              aria-label={t('app.back')}
              onClick={onBack ?? (() => goBack(back ?? '/'))}
            >
              <Icon name="back" />
            </button>
          )}
          {aside}
        </div>
        {mark !== undefined && <div className="screen-mark">{mark}</div>}
        <div className="screen-head">
          <h1 tabIndex={-1}>{title}</h1>
          {lead !== undefined && <p className="screen-lead">{lead}</p>}
        </div>
        <div className="screen-body">{children}</div>
        {footer !== undefined && <div className="screen-footer">{footer}</div>}
      </section>
      {companion !== undefined && <aside className="screen-companion">{companion}</aside>}
    </div>
  );
}
