/** Telling errors that a world's faults explain from defects of the server. */
const FAULT_CODES = new Set(['40P01', '40001', 'ECONNRESET']);

/** Does one of the faults of a world explain it? Any other error is a defect of the server. */
export function isOfAFault(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (FAULT_CODES.has(String((cause as { code?: unknown }).code))) return true;
    if (cause.name === 'ChainUnreachable' || cause.name === 'CommitUnknownError') return true;
    if (/connection error and is not queryable|Connection terminated/.test(cause.message)) return true;
  }
  return false;
}
