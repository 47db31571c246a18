/**
 * The log: one JSON line an event, fields from an allow-list. Whatever is not on the list is dropped before it is
 * written, so a secret that somebody passes by mistake does not reach the disk.
 */
import { pino, type DestinationStream } from 'pino';

/** Every field that may be logged. States, codes, identifiers of our own and counts; never a name, number or secret. */
export interface LogFields {
  /** What went wrong. Its name, code and stack are written; its message only where the class is one of ours. */
  error?: unknown;
  code?: string;
  reason?: string;
  state?: string;
  kind?: string;
  /** What an alarm is about: our own ids. */
  subject?: string;
  role?: string;
  signal?: string;
  job?: string;
  requestId?: string;
  method?: string;
  /** The route's pattern, never the path that was asked for. */
  route?: string;
  status?: number;
  durationMs?: number;
  count?: number;
  attempt?: number;
  retryInMs?: number;
  port?: number;
  url?: string;
  migration?: string;
  /** Our UUIDs. */
  memberUuid?: string;
  walletId?: string;
  transferId?: string;
  chargeId?: string;
  checkId?: string;
  outboxId?: string;
  tokenSymbol?: string;
  /** Public facts of the chain. */
  transactionHash?: string;
  blockNumber?: number;
  nonce?: number;
}

export interface Log {
  /** `event` is a constant text: what happened, in English. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const TEXT_MAX = 200;

const allowed = {
  code: 'string',
  reason: 'string',
  state: 'string',
  kind: 'string',
  subject: 'string',
  role: 'string',
  signal: 'string',
  job: 'string',
  requestId: 'string',
  method: 'string',
  route: 'string',
  status: 'number',
  durationMs: 'number',
  count: 'number',
  attempt: 'number',
  retryInMs: 'number',
  port: 'number',
  url: 'string',
  migration: 'string',
  memberUuid: 'string',
  walletId: 'string',
  transferId: 'string',
  chargeId: 'string',
  checkId: 'string',
  outboxId: 'string',
  tokenSymbol: 'string',
  transactionHash: 'string',
  blockNumber: 'number',
  nonce: 'number',
} as const satisfies Record<Exclude<keyof LogFields, 'error'>, 'string' | 'number'>;

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where lines go; standard output by default. */
  destination?: DestinationStream;
}

/** Makes the log. */
export function createLog(options: LogOptions): Log {
  const settings = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const writer = options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) =>
    writer[level](fields === undefined ? {} : pickAllowed(fields), event);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function pickAllowed(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(allowed)) {
    const value = fields[name as keyof typeof allowed];
    if (typeof value !== type || value === undefined) continue;
    out[name] = typeof value === 'string' ? value.slice(0, TEXT_MAX) : value;
  }
  if (fields.error !== undefined) Object.assign(out, describeError(fields.error));
  return out;
}

/**
 * Foreign messages are dropped: a database driver quotes rows and a JSON parser quotes bodies in theirs. Our own
 * classes are trusted to say nothing secret.
 */
function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const coded = error as Error & { code?: unknown; constraint?: unknown; table?: unknown; routine?: unknown };
  const out: Record<string, unknown> = { errorName: error.name };
  if (typeof coded.code === 'string') out['errorCode'] = coded.code.slice(0, 60);
  if (typeof coded.constraint === 'string') out['constraint'] = coded.constraint;
  if (typeof coded.table === 'string') out['table'] = coded.table;
  if (ownErrorNames.has(error.name) || error.message.startsWith('Assertion failed: '))
    out['errorMessage'] = error.message.slice(0, 2 * TEXT_MAX);
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  if (frames !== undefined) out['errorAt'] = frames.slice(0, 8).map((line) => line.trim());
  if (error.cause !== undefined && depth < 3) out['cause'] = describeError(error.cause, depth + 1);
  return out;
}

const ownErrorNames = new Set([
  'AppError',
  'ChainUnreachable',
  'ConfigError',
  'MigrationError',
  'SealBrokenError',
  'SecretFormError',
  'StartError',
  'KeystoreError',
]);
