/** What the page shows of a verdict: the one sentence, the payment, then each step. */
import type { Step, Verdict } from '@jigeum/receipt';
import { el } from './element.ts';
import type { Language, Texts } from './texts.ts';

/** The result as one element. */
export function resultOf(verdict: Verdict, t: Texts, language: Language): HTMLElement {
  return el('section', { class: 'result', 'data-kind': verdict.kind, 'data-testid': 'verdict' }, [
    bannerOf(verdict, t),
    ...(verdict.receipt === undefined || verdict.kind === 'invalid' ? [] : [factsOf(verdict.receipt, t, language)]),
    el('h2', {}, [t.steps]),
    el(
      'ol',
      { class: 'steps' },
      verdict.steps.map((step) => stepOf(step, t, language)),
    ),
  ]);
}

const TITLES = {
  valid: ['valid', 'validText'],
  'keys-unknown': ['unknown', 'unknownText'],
  invalid: ['invalid', 'invalidText'],
} as const;

function bannerOf({ kind }: Verdict, t: Texts): HTMLElement {
  const [title, text] = TITLES[kind];
  return el('div', { class: 'banner' }, [
    el('span', { class: 'banner-mark', 'aria-hidden': 'true' }, [MARKS[kind]]),
    el('div', {}, [el('h2', { tabindex: '-1', id: 'verdict-title' }, [t[title]]), el('p', {}, [t[text]])]),
  ]);
}

const MARKS = { valid: '✓', 'keys-unknown': '?', invalid: '✕' } as const;

function factsOf(receipt: NonNullable<Verdict['receipt']>, t: Texts, language: Language): HTMLElement {
  const when = new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'medium',
    timeZone: 'Asia/Seoul',
  }).format(new Date(receipt.time));
  const rows: [name: string, value: string, isCode?: true][] = [
    [t.time, `${when} (KST)`],
    [t.number, receipt.transferId, true],
    [t.payer, receipt.payer, true],
    [t.payee, receipt.payee, true],
    [t.block, BigInt(receipt.block.number).toLocaleString('en-US')],
    [t.chain, receipt.chainId],
    [t.issuerKey, receipt.issuer.keyId, true],
    [t.sealerKey, receipt.sealer.keyHash, true],
  ];
  return el('div', { class: 'card' }, [
    el('p', { class: 'amount' }, [receipt.amount.words]),
    el(
      'dl',
      { class: 'facts' },
      rows.map(([name, value, isCode]) =>
        el('div', {}, [el('dt', {}, [name]), el('dd', isCode === true ? { class: 'code' } : {}, [value])]),
      ),
    ),
  ]);
}

function stepOf(step: Step, t: Texts, language: Language): HTMLElement {
  const outcomeText = { passed: t.passed, failed: t.failed, unknown: t.unknownMark, skipped: t.skipped }[step.outcome];
  return el('li', { 'data-step': step.name, 'data-outcome': step.outcome }, [
    el('span', { class: 'step-mark' }, [outcomeText]),
    el('div', { class: 'step-text' }, [
      el('p', {}, [step[language]]),
      el('details', {}, [el('summary', {}, [t.more]), el('p', { class: 'code', lang: 'en' }, [step.detail])]),
    ]),
  ]);
}
