import { useEffect, useEffectEvent, useRef, type ReactNode } from 'react';
import { useT } from '../i18n/client.ts';
import { Icon } from './Icon.tsx';
import './Sheet.css';

interface SheetProps {
  isOpen: boolean;
  onClose: () => void;
  /** Names the sheet for a screen reader; the visible title is part of `children`. */
  label: string;
  /** While something is under way the sheet stays. */
  isFixed?: boolean;
  /** False where there is nothing to go back to: the lock. */
  isClosable?: boolean;
  children: ReactNode;
}

const LEAVING = ['cancel', 'click'] as const;

/** A decision: rises from the bottom on a phone, stands in the middle on a wide window. The page behind is inert. */
export function Sheet({ isOpen, onClose, label, isFixed = false, isClosable = true, children }: SheetProps) {
  const t = useT();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (isOpen && !element.open) {
      element.showModal();
      // Not the close button: a press of Enter must not undo the decision. A field that asks for the focus keeps it.
      if (!(document.activeElement instanceof HTMLInputElement))
        element.querySelector<HTMLElement>('.sheet-body')?.focus();
    } else if (!isOpen && element.open) element.close();
    document.documentElement.classList.toggle('sheet-open', isOpen);
    return () => document.documentElement.classList.remove('sheet-open');
  }, [isOpen]);
  const leave = useEffectEvent((event: Event) => {
    // Escape and the back gesture ask; a tap beside the sheet lands on the dialog itself.
    if (event.type === 'cancel') event.preventDefault();
    else if (event.target !== dialog.current) return;
    if (!isFixed && isClosable) onClose();
  });
  useEffect(() => {
    const element = dialog.current;
    const listen = (event: Event): void => leave(event);
    for (const kind of LEAVING) element?.addEventListener(kind, listen);
    return () => {
      for (const kind of LEAVING) element?.removeEventListener(kind, listen);
    };
  }, []);
  return (
    <dialog ref={dialog} className="sheet" data-lock={!isClosable} aria-label={label}>
      {isOpen && (
        <div className="sheet-body" tabIndex={-1}>
          {isClosable && (
            <div className="sheet-bar">
              <button
                type="button"
                className="icon-button"
                aria-label={t('app.close')}
                disabled={isFixed}
                onClick={onClose}
              >
                <Icon name="close" />
              </button>
            </div>
          )}
          {children}
        </div>
      )}
    </dialog>
  );
}
