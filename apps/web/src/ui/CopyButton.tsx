import { useEffect, useState } from 'react';
import { Icon } from './Icon.tsx';

/** How long the button says that it has copied. */
const SAID_MS = 2_000;

interface CopyButtonProps {
  value: string;
  /** What is copied, for a screen reader: "Copy account number". */
  label: string;
  text?: string;
  copiedText: string;
}

/** Copies a text and says so in its own place. */
export function CopyButton({ value, label, text, copiedText }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className={text === undefined ? 'copy-button' : 'pill-button'}
      data-copied={isCopied}
      aria-label={isCopied ? copiedText : label}
      onClick={() => {
        void copyText(value).then(setCopied);
      }}
    >
      <Icon name={isCopied ? 'check' : 'copy'} size={text === undefined ? 18 : 16} />
      {text !== undefined && <span>{isCopied ? copiedText : text}</span>}
    </button>
  );
}

/** True when the text is on the clipboard. A browser may refuse; then nothing claims otherwise. */
export async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    // Plain HTTP or a refused permission: the older way, through a selection.
    const area = document.createElement('textarea');
    area.value = value;
    area.setAttribute('readonly', '');
    area.className = 'hidden-visually';
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}
