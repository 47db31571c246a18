/** Why an amount was refused. Callers branch on `code`; the text is for logs and programmers, the screen has its own words. */
export type AmountErrorCode =
  | 'empty'
  | 'format'
  | 'leading-zero'
  | 'too-many-decimals'
  | 'zero'
  | 'negative'
  | 'too-large'
  | 'not-whole'
  | 'decimals'
  | 'divisor';

/** An amount or a calculation with amounts that is refused. The message says what was expected, what came and what to do. */
export class AmountError extends Error {
  readonly code: AmountErrorCode;

  constructor(code: AmountErrorCode, message: string) {
    super(message);
    this.name = 'AmountError';
    this.code = code;
  }
}

const QUOTED_MAX = 40;

/** Input as it may stand in a message: quoted, control characters escaped, cut after 40 characters. */
export function quoteInput(text: string): string {
  return text.length > QUOTED_MAX
    ? `${JSON.stringify(text.slice(0, QUOTED_MAX))}… (${text.length} characters)`
    : JSON.stringify(text);
}
