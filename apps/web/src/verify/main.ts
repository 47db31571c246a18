/**
 * The verifier page: one file that opens without server or network. It reads a receipt that is dropped, chosen or pasted, and
 * shows each step of its verification. Built by dev/verify-page.ts.
 */
import { RECEIPT_BYTES_MAX, verifyReceipt, type ShownMemo } from '@jigeum/receipt';
import { hexToBytes, isHex } from '@jigeum/std';
import { el } from './element.ts';
import { builtInKeys, enteredKeys } from './keys.ts';
import { texts, type Language } from './texts.ts';
import { resultOf } from './view.ts';

const builtIn = builtInKeys(document.getElementById('known-keys')?.textContent ?? 'null');
let language: Language = navigator.language.startsWith('en') && location.hash !== '#ko' ? 'en' : 'ko';
if (location.hash === '#en') language = 'en';

/** What the visitor has given; kept when the language changes. */
let shownFile: Uint8Array | null = null;
const paste = el('textarea', { id: 'paste', rows: '4', spellcheck: 'false', autocomplete: 'off' });
const memo = el('input', { id: 'memo', autocomplete: 'off' });
const salt = el('input', { id: 'salt', autocomplete: 'off', spellcheck: 'false' });
const ownKeys = el('textarea', { id: 'own-keys', rows: '3', spellcheck: 'false', autocomplete: 'off' });
const file = el('input', {
  id: 'file',
  type: 'file',
  accept: '.json,application/json',
  class: 'hidden-visually',
  'aria-describedby': 'drop-text',
});
const result = el('div', { id: 'result', 'aria-live': 'polite' });

file.addEventListener('change', () => void take(file.files?.[0]));
paste.addEventListener('paste', () => setTimeout(checkPasted));

async function take(given: File | undefined): Promise<void> {
  if (given === undefined) return;
  paste.value = '';
  // A byte more than a receipt can have is enough to be refused.
  show(new Uint8Array(await given.slice(0, RECEIPT_BYTES_MAX + 1).arrayBuffer()));
  // So that the same file can be chosen again after it has been mended.
  file.value = '';
}

function checkPasted(): void {
  // Whoever copies text takes line ends along; inside of it nothing may be different.
  const text = paste.value.trim();
  if (text !== '') show(new TextEncoder().encode(text));
  else if (shownFile !== null) show(shownFile);
  else result.replaceChildren(el('p', { class: 'hint' }, [texts[language].empty]));
}

function show(bytes: Uint8Array): void {
  shownFile = bytes;
  const entered = enteredKeys(ownKeys.value);
  ownKeys.setAttribute('aria-invalid', String(entered === null));
  const hasOwn = entered === null || entered.issuerKeyIds.length + entered.sealerKeyHashes.length > 0;
  const known = hasOwn ? (entered ?? NO_KEYS) : builtIn;
  result.replaceChildren(resultOf(verifyReceipt(bytes, known, shownMemo()), texts[language], language));
  document.getElementById('verdict-title')?.focus();
}

const NO_KEYS = { issuerKeyIds: [], sealerKeyHashes: [] };

function shownMemo(): ShownMemo | undefined {
  const digits = salt.value.trim().replace(/^0x/, '').toLowerCase();
  if (digits === '') return undefined;
  // Another length is another salt: it fits no commitment.
  return { text: memo.value, salt: digits.length === 64 && isHex(digits) ? hexToBytes(digits) : new Uint8Array(32) };
}

function draw(): void {
  const t = texts[language];
  document.documentElement.lang = language;
  document.title = t.pageTitle;
  const button = el('button', { type: 'button', class: 'main' }, [t.check]);
  button.addEventListener('click', checkPasted);
  const other = el('button', { type: 'button', class: 'plain', lang: language === 'ko' ? 'en' : 'ko' }, [t.other]);
  other.addEventListener('click', () => {
    language = language === 'ko' ? 'en' : 'ko';
    draw();
    if (shownFile !== null) show(shownFile);
  });
  document.getElementById('app')!.replaceChildren(
    el('header', {}, [el('span', { class: 'brand' }, ['지금 Jigeum']), other]),
    el('main', {}, [
      el('h1', {}, [t.title]),
      el('p', { class: 'lead' }, [t.lead]),
      el('div', { class: 'card drop' }, [
        el('p', { id: 'drop-text' }, [t.drop]),
        el('small', {}, [t.dropHint]),
        // Before its label, so that the label shows where the focus is.
        file,
        el('label', { for: 'file', class: 'choose' }, [t.choose]),
      ]),
      el('div', { class: 'field' }, [el('label', { for: 'paste' }, [t.paste]), paste]),
      button,
      result,
      el('details', { class: 'card' }, [
        el('summary', {}, [t.memoTitle]),
        el('p', { class: 'hint' }, [t.memoHint]),
        el('div', { class: 'field' }, [el('label', { for: 'memo' }, [t.memo]), memo]),
        el('div', { class: 'field' }, [el('label', { for: 'salt' }, [t.salt]), salt]),
      ]),
      keysCard(),
      downloadCard(),
    ]),
  );
}

function keysCard(): HTMLElement {
  const t = texts[language];
  const names = [...builtIn.issuerKeyIds, ...builtIn.sealerKeyHashes];
  return el('details', { class: 'card' }, [
    el('summary', {}, [t.keysTitle]),
    el('p', { class: 'hint' }, [names.length === 0 ? t.keysNone : t.keysBuiltIn]),
    el(
      'ul',
      { class: 'keys' },
      names.map((name) => el('li', { class: 'code' }, [name])),
    ),
    el('div', { class: 'field' }, [
      el('label', { for: 'own-keys' }, [t.keysOwn]),
      el('p', { class: 'hint', id: 'own-keys-hint' }, [t.keysOwnHint]),
      ownKeys,
    ]),
  ]);
}

/** Only where a server hands the page out: a file on a disk is downloaded already. */
function downloadCard(): HTMLElement | string {
  if (location.protocol === 'file:') return '';
  const t = texts[language];
  return el('p', { class: 'download' }, [
    el('a', { href: '/verify', download: 'jigeum-verify.html' }, [t.download]),
    el('span', { class: 'hint' }, [t.downloadHint]),
  ]);
}

for (const name of ['dragover', 'dragenter'])
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
  });
document.addEventListener('dragleave', () => document.body.classList.remove('dragging'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  void take(event.dataTransfer?.files[0]);
});
draw();
