import { useEffect, useEffectEvent } from 'react';
import { Icon } from './Icon.tsx';
import './Keypad.css';

interface KeypadProps {
  label: string;
  deleteLabel: string;
  onDigit: (digits: string) => void;
  onDelete: () => void;
  /** `00` beside 0 for amounts; nothing there for a PIN. */
  hasDoubleZero?: boolean;
  isDisabled?: boolean;
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/** Digits for the thumb. Keys of a keyboard do the same, unless a text field has the focus. */
export function Keypad({
  label,
  deleteLabel,
  onDigit,
  onDelete,
  hasDoubleZero = false,
  isDisabled = false,
}: KeypadProps) {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (isDisabled || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (/^[0-9]$/.test(event.key)) onDigit(event.key);
    else if (event.key === 'Backspace') onDelete();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => press(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  return (
    <div className="keypad" role="group" aria-label={label}>
      {DIGITS.map((digit) => (
        <button
          key={digit}
          type="button"
          className="keypad-key figures"
          disabled={isDisabled}
          onClick={() => onDigit(digit)}
        >
          {digit}
        </button>
      ))}
      {hasDoubleZero ? (
        <button type="button" className="keypad-key figures" disabled={isDisabled} onClick={() => onDigit('00')}>
          00
        </button>
      ) : (
        <span />
      )}
      <button type="button" className="keypad-key figures" disabled={isDisabled} onClick={() => onDigit('0')}>
        0
      </button>
      <button type="button" className="keypad-key" disabled={isDisabled} aria-label={deleteLabel} onClick={onDelete}>
        <Icon name="erase" />
      </button>
    </div>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
