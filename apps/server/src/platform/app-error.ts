/** A refusal that the caller of the API reads: one of the contract's codes, with what was expected and what to do. */
import type { ErrorCode } from '@jigeum/api';

export interface AppErrorExtras {
  /** What was expected, what came and what to do. Shown to the caller: nothing secret, no SymID, no word of the chain. */
  detail?: string;
  /** How many more tries are left, where tries are counted. */
  triesLeft?: number;
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** Throw it anywhere below a route: it becomes RFC 9457 problem details with the code's status. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly extras: Omit<AppErrorExtras, 'cause'>;

  constructor(code: ErrorCode, extras: AppErrorExtras = {}) {
    super(extras.detail === undefined ? code : `${code}: ${extras.detail}`, { cause: extras.cause });
    this.code = code;
    const { cause: _cause, ...shown } = extras;
    this.extras = shown;
  }
}
