/** What each step of a verification means, for people. */

/** `unknown`: nobody has said which key counts. `skipped`: a step that it builds on has failed. */
export type StepOutcome = 'passed' | 'failed' | 'unknown' | 'skipped';

export type StepName =
  | 'form'
  | 'issuer-signature'
  | 'issuer-key'
  | 'header'
  | 'seal'
  | 'sealer-key'
  | 'inclusion'
  | 'transaction'
  | 'payment'
  | 'result'
  | 'memo';

interface Sentence {
  readonly ko: string;
  readonly en: string;
}

/** The sentence of a step with this outcome. */
export function sentenceOf(name: StepName, outcome: StepOutcome): Sentence {
  if (outcome === 'skipped') return SKIPPED;
  if (outcome === 'unknown') return name === 'issuer-key' ? UNKNOWN_ISSUER : UNKNOWN_SEALER;
  return SENTENCES[name][outcome];
}

const SKIPPED: Sentence = {
  ko: '앞 단계가 맞지 않아 확인하지 못했어요.',
  en: 'Not checked, because a step before it is wrong.',
};
const UNKNOWN_ISSUER: Sentence = {
  ko: '발급 기관의 열쇠를 비교하지 않았어요. 믿을 수 있는 곳에서 받은 열쇠와 비교해 주세요.',
  en: "The issuer's key was not compared. Compare it with one from a source that you trust.",
};
const UNKNOWN_SEALER: Sentence = {
  ko: '블록을 봉인한 곳의 열쇠를 비교하지 않았어요. 믿을 수 있는 곳에서 받은 열쇠와 비교해 주세요.',
  en: "The block sealer's key was not compared. Compare it with one from a source that you trust.",
};

const SENTENCES: Record<StepName, { readonly passed: Sentence; readonly failed: Sentence }> = {
  form: {
    passed: { ko: '영수증 파일의 형식이 맞아요.', en: 'The file is a whole receipt.' },
    failed: {
      ko: '영수증 파일이 아니거나 내용이 바뀌었어요.',
      en: 'The file is no receipt, or it has been changed.',
    },
  },
  'issuer-signature': {
    passed: { ko: '발급 기관의 서명이 맞아요.', en: "The issuer's signature is right." },
    failed: {
      ko: '발급 기관의 서명이 맞지 않아요. 발급 뒤에 내용이 바뀌었어요.',
      en: "The issuer's signature is wrong: the receipt was changed after it was issued.",
    },
  },
  'issuer-key': {
    passed: { ko: '믿는 발급 기관의 열쇠예요.', en: 'It is the key of an issuer that you trust.' },
    failed: { ko: '믿는 발급 기관의 열쇠가 아니에요.', en: 'It is not the key of an issuer that you trust.' },
  },
  header: {
    passed: { ko: '블록의 번호와 시각이 맞아요.', en: 'Number and time of the block are right.' },
    failed: { ko: '블록 정보가 맞지 않아요.', en: 'What is said of the block is wrong.' },
  },
  seal: {
    passed: { ko: '블록의 봉인이 맞아요.', en: "The block's seal is right." },
    failed: { ko: '블록의 봉인이 맞지 않아요.', en: "The block's seal is wrong." },
  },
  'sealer-key': {
    passed: { ko: '믿는 곳이 봉인한 블록이에요.', en: 'The block was sealed by one that you trust.' },
    failed: { ko: '믿는 곳이 봉인한 블록이 아니에요.', en: 'The block was not sealed by one that you trust.' },
  },
  inclusion: {
    passed: { ko: '이 거래가 그 블록에 들어 있어요.', en: 'The transaction is in that block.' },
    failed: {
      ko: '이 거래가 그 블록에 있다는 증명이 맞지 않아요.',
      en: 'The proof that the transaction is in that block is wrong.',
    },
  },
  transaction: {
    passed: { ko: '보낸 분이 서명한 거래예요.', en: 'The transaction is the one that the payer signed.' },
    failed: { ko: '거래나 보낸 분의 서명이 맞지 않아요.', en: "The transaction or the payer's signature is wrong." },
  },
  payment: {
    passed: {
      ko: '받는 분, 금액, 토큰이 거래의 내용과 같아요.',
      en: 'Payee, amount and token are those of the transaction.',
    },
    failed: {
      ko: '받는 분, 금액, 토큰 가운데 거래의 내용과 다른 것이 있어요.',
      en: 'Payee, amount or token differ from the transaction.',
    },
  },
  result: {
    passed: { ko: '이 거래는 성공했어요.', en: 'The transaction succeeded.' },
    failed: {
      ko: '이 거래가 성공했다는 증명이 맞지 않아요.',
      en: 'The proof that the transaction succeeded is wrong.',
    },
  },
  memo: {
    passed: { ko: '보여 준 메모가 이 거래의 메모예요.', en: 'The memo that was shown is the one of this payment.' },
    failed: { ko: '보여 준 메모가 이 거래의 메모가 아니에요.', en: 'The memo that was shown is another one.' },
  },
};
