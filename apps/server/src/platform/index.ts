/** What every module may use of the platform. */
export type { PlatformDeps } from './deps.ts';
export type { Database } from './database.ts';
export { inTrx, openDb, safeNumber, withRetries, type Db, type Trx } from './db.ts';
export { AppError } from './app-error.ts';
export { failpoint } from './failpoint.ts';
export { measureAlarms, raiseAlarm, type Alarm, type AlarmKind } from './alarms.ts';
export { memberOf, mount, type MemberSession, type RouteInput } from './mount.ts';
export {
  answerOf,
  findAnswer,
  findAnswers,
  idempotently,
  requireSameBody,
  storeAnswers,
  type IdempotentCall,
  type StoredAnswer,
} from './idempotency.ts';
export { oncePer } from './once-per.ts';
export { allFulfilled, together } from './together.ts';
export { oneOfTwins } from './twins.ts';
export { audit, auditAll, auditColumns, rowMac, type AuditActor, type AuditColumns, type AuditEntry } from './audit.ts';
export { AUDIT_ROW_LINES } from './audit-row.ts';
export { requestId } from './request-context.ts';
export { hasWebhooks, recordWebhooks, WEBHOOK_TRIED_MS, type WebhookEvent } from './webhooks.ts';
export { emit, recordEvents, tellScan, type EventKind, type LiveEvent } from './events.ts';
export { jobLoop, type Job, type JobLoop, type JobName } from './jobs.ts';
export { pageOf, placeOf, readCursor, type Place } from './paging.ts';
export { addressSubject, countForEver, rateLimit } from './rate-limit.ts';
export { createSecrets, openWith, sealWith, SealBrokenError, type Secrets } from './secrets.ts';
export type { Log, LogFields } from './log.ts';
export type { Metrics } from './metrics.ts';
export {
  clearSecretCookie,
  readSecretCookie,
  sessionIdHash,
  browserHashOf,
  setSecretCookie,
  unlockKeyOf,
} from './cookies.ts';
