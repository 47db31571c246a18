import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from './router.tsx';
import './Button.css';

type Look = 'main' | 'soft' | 'plain' | 'danger';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  /** While set the button shows this instead and takes no press: what is being done, in words. */
  busy?: string | false;
  icon?: ReactNode;
}

/** A button that says what it does. One `main` on a screen. */
export function Button({
  look = 'main',
  busy = false,
  icon,
  children,
  disabled,
  type = 'button',
  ...rest
}: ButtonProps) {
  const isBusy = busy !== false;
  return (
    <button
      type={type}
      className={`button button-${look}`}
      disabled={disabled === true && !isBusy}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      {...rest}
      onClick={isBusy ? (event) => event.preventDefault() : rest.onClick}
    >
      {isBusy ? (
        <>
          <span className="button-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{busy}</span>
        </>
      ) : (
        <>
          {icon}
          <span>{children}</span>
        </>
      )}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  to,
  look = 'main',
  children,
  isReplacing,
}: {
  to: string;
  look?: Look;
  children: ReactNode;
  isReplacing?: boolean;
}) {
  return (
    <Link to={to} isReplacing={isReplacing === true} className={`button button-${look}`}>
      <span>{children}</span>
    </Link>
  );
}
