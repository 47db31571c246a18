import { useCallback, useRef, useState } from 'react';
import { useT } from '../i18n/client.ts';
import { Keypad } from './Keypad.tsx';

const PIN_LENGTH = 6;

/**
 * A PIN while it is entered: bytes that never become part of the page. `take` hands them over once and clears them here;
 * whoever takes them clears them after use.
 */
export interface PinEntry {
  readonly count: number;
  readonly isComplete: boolean;
  press(digit: string): boolean;
  remove(): void;
  clear(): void;
  take(): Uint8Array;
}

export function usePinEntry(): PinEntry {
  const bytes = useRef(new Uint8Array(PIN_LENGTH));
  const length = useRef(0);
  const [count, setCount] = useState(0);
  const show = (next: number): void => {
    length.current = next;
    setCount(next);
  };
  const clear = useCallback(() => {
    bytes.current.fill(0);
    show(0);
  }, []);
  return {
    count,
    isComplete: count === PIN_LENGTH,
    press(digit) {
      if (length.current >= PIN_LENGTH) return true;
      bytes.current[length.current] = digit.charCodeAt(0);
      show(length.current + 1);
      return length.current === PIN_LENGTH;
    },
    remove() {
      if (length.current === 0) return;
      bytes.current[length.current - 1] = 0;
      show(length.current - 1);
    },
    clear,
    take() {
      const taken = bytes.current.slice();
      clear();
      return taken;
    },
  };
}

interface PinPadProps {
  pin: PinEntry;
  /** Called once the sixth digit is in. */
  onComplete?: () => void;
  isWrong?: boolean;
  isDisabled?: boolean;
}

/** Six dots and a keypad. A screen reader hears how many digits are in, never which. */
export function PinPad({ pin, onComplete, isWrong = false, isDisabled = false }: PinPadProps) {
  const t = useT();
  return (
    <div className="pin">
      <div
        className="pin-dots"
        data-wrong={isWrong}
        role="status"
        aria-label={t('keypad.pinEntered', { count: pin.count })}
      >
        {Array.from({ length: PIN_LENGTH }, (_, index) => (
          <span key={index} className="pin-dot" data-on={index < pin.count} />
        ))}
      </div>
      <Keypad
        label={t('keypad.label')}
        deleteLabel={t('keypad.delete')}
        isDisabled={isDisabled}
        onDigit={(digit) => {
          if (pin.press(digit)) onComplete?.();
        }}
        onDelete={() => pin.remove()}
      />
    </div>
  );
}

/** True when two PINs are the same. */
export const isSamePin = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index]);

/** Repeated digits, runs up or down and dates: the ones that a finder tries first. The server has the last word. */
export function isPinWeak(pin: Uint8Array): boolean {
  const steps = [...pin.slice(1)].map((digit, index) => digit - pin[index]!);
  if (steps.every((step) => step === steps[0]) && Math.abs(steps[0]!) <= 1) return true;
  return new Set(pin).size <= 2;
}
