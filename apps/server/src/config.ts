/**
 * Configuration: the only reader of `process.env`. Validated once at start, with every problem told in a sentence.
 * Secrets are never values here, only paths of files that nobody but their owner may read.
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';

const text = z.string().min(1, 'Expected a text that is not empty.');
const port = z.coerce.number().int().min(0).max(65_535);
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/, 'Expected an address such as http://127.0.0.1:8545, without a user.')
  .transform((url) => url.replace(/\/+$/, ''));
const wsUrl = z
  .string()
  .regex(/^wss?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/, 'Expected an address such as ws://127.0.0.1:8546, without a user.');
const secretFile = text;

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '::1', '[::1]', '']);

/** Who is sent a secret or a person's data, or believed about money: nobody on the way may read or change it. */
const partnerUrl = httpUrl.refine(
  (url) => url.startsWith('https://') || LOOPBACK_HOSTS.has(URL.parse(url)?.hostname ?? 'nowhere'),
  'Expected https for another machine: what is sent there must not be read or changed on the way.',
);

const databaseUrl = z.string().superRefine((url, context) => {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    context.addIssue({
      code: 'custom',
      message:
        'Expected an address such as postgres://jigeum@127.0.0.1:5432/jigeum, or postgres://jigeum@%2Frun%2Fpostgresql/jigeum for a socket in /run/postgresql.',
    });
    return;
  }
  if (!/^postgres(?:ql)?:$/.test(parsed.protocol))
    context.addIssue({ code: 'custom', message: 'Expected an address that begins with postgres://.' });
  if ((parsed.password !== '' || parsed.searchParams.has('password')) && !LOOPBACK_HOSTS.has(parsed.hostname))
    context.addIssue({
      code: 'custom',
      message:
        'Expected no password in the address of another machine: an environment is readable by too many. Put it in a file and name that file in DATABASE_PASSWORD_FILE.',
    });
});

const cidrList = z
  .string()
  .transform((value) => value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
  .refine((list) => list.every(isCidr), 'Expected networks such as 10.0.0.0/8, separated by commas; never "true".');

const seedToken = z.object({
  name: text.max(40),
  symbol: z.string().regex(/^[A-Za-z0-9]{3,10}$/, 'Expected 3 to 10 letters and digits.'),
  /** Base units that go to the reserve. */
  supply: z.string().regex(/^[1-9][0-9]{0,76}$/, 'Expected base units as decimal digits.'),
  decimals: z.number().int().min(0).max(36),
  wonPerToken: z.number().int().positive(),
});

/** The paper's example token, which a first start makes where `SEED_TOKEN=EST`. */
const paperToken: z.input<typeof seedToken> = {
  name: 'eSportsToken',
  symbol: 'EST',
  // The paper's Fig. 17: 0x204fce5e3e25026110000000, ten billion tokens.
  supply: '10000000000000000000000000000',
  decimals: 18,
  wonPerToken: 1,
};

/** Every setting: environment name, kind, default and meaning. `docs/operating/configuration.md` is made from it. */
export const settings = z.object({
  HOST: text.default('127.0.0.1').describe('Address to listen on.'),
  PORT: port.default(8080).describe('TCP port to listen on; 0 takes any free one.'),
  PUBLIC_URL: httpUrl
    .optional()
    .describe('Address under which members reach the server. With https, cookies are Secure and HSTS is sent.'),
  DATABASE_URL: databaseUrl.describe('PostgreSQL, as a login role that is a member of jigeum_app and owns nothing.'),
  DATABASE_PASSWORD_FILE: secretFile.optional().describe('File with the password of that role.'),
  MIGRATION_DATABASE_URL: databaseUrl
    .optional()
    .describe('PostgreSQL, as the role that owns the schema. Needed by `migrate` only.'),
  MIGRATION_DATABASE_PASSWORD_FILE: secretFile.optional().describe('File with the password of the owning role.'),
  DATABASE_CONNECTIONS: count(2, 200).default(16).describe('Connections to PostgreSQL at most, for each process.'),
  SCAN_DATABASE_URL: databaseUrl
    .optional()
    .describe(
      'PostgreSQL for the public scanner, as a login role that is a member of jigeum_scan alone. Without it the scanner connects with DATABASE_URL and changes to that role.',
    ),
  SCAN_DATABASE_PASSWORD_FILE: secretFile.optional().describe('File with the password of the scanner role.'),
  SCAN_DATABASE_CONNECTIONS: count(1, 100)
    .default(6)
    .describe('Connections to PostgreSQL at most for the public scanner, for each process, besides the others.'),
  CHAIN_URL: httpUrl.describe('JSON-RPC of a Symverse work node.'),
  CHAIN_WS_URL: wsUrl
    .optional()
    .describe(
      'WebSocket of that node, which tells of new blocks. Without it the one on the port of CHAIN_URL, as our work node has it; gsym has port 8546 for it. Without any WebSocket the server asks five times a second while payments wait.',
    ),
  CHAIN_ID: count(1, 2 ** 31 - 1).describe('Chain id that the node must have.'),
  CA_URL: partnerUrl.describe(
    'Partner API of the certificate authority that issues SymIDs; https unless on this machine.',
  ),
  CA_SECRET_FILE: secretFile.optional().describe('File with the secret of the CA partner API.'),
  SERVER_KEY_FILE: secretFile.describe(
    'File with 64 hex digits, mode 0400: the server key that seals keystores. Losing it loses every wallet.',
  ),
  RECEIPT_KEY_FILE: secretFile
    .optional()
    .describe(
      'File with 64 hex digits, mode 0400: the Ed25519 key that signs receipts. Without it no receipt is issued. May be exchanged: old receipts stay valid.',
    ),
  AUDIT_KEY_FILE: secretFile
    .optional()
    .describe(
      'File with 64 hex digits, mode 0400: the Ed25519 key that signs checkpoints of the audit log. Without it nothing is signed, and a log that was cut off cannot be told from a short one.',
    ),
  AUDIT_ANCHOR_PATH: text
    .optional()
    .describe(
      'File to which signed heads and checkpoints of the audit log are appended. Best on a medium that the operator of the database cannot rewrite.',
    ),
  AUDIT_ANCHOR_CHAIN: z
    .enum(['on', 'off'])
    .default('on')
    .describe('`on`: each checkpoint of the audit log is written on the chain by a transaction of the treasury.'),
  AUDIT_CHECKPOINT_ROWS: count(1, 10_000_000)
    .default(100_000)
    .describe('The audit log gets a checkpoint after so many rows, and at least as often as the next setting says.'),
  AUDIT_CHECKPOINT_MINUTES: count(1, 60)
    .default(60)
    .describe('Minutes between two checkpoints of the audit log at most, while rows come.'),
  PLATFORM_KEYSTORE_DIR: text.describe('Folder with treasury.json and reserve.json: Symverse V3 keystores.'),
  PLATFORM_PASSPHRASE_FILE: secretFile.describe('File with the passphrase of both platform keystores.'),
  KEYSTORE_DIR: text.describe("Folder where members' sealed keystore files are kept."),
  KEYSTORE_SCRYPT_N: z.coerce
    .number()
    .int()
    .min(4096)
    .max(2 ** 20)
    .refine((n) => (n & (n - 1)) === 0, 'Expected a power of two.')
    .default(32_768)
    .describe("scrypt cost of new keystores: a power of two. 4096 is the paper's."),
  OPERATOR_TOKEN_FILE: secretFile
    .optional()
    .describe('File with the bearer token of the operator routes. Without it they are closed.'),
  IDENTITY_URL: partnerUrl.describe(
    'Identity verification agency: PortOne or the simulator; https unless on this machine.',
  ),
  IDENTITY_SECRET_FILE: secretFile.describe('File with the API secret of the identity agency.'),
  IDENTITY_CHANNEL_KEY: text.default('channel-key-jigeum').describe("PortOne's channel key."),
  IDENTITY_MODE: z
    .enum(['simulator', 'portone'])
    .default('simulator')
    .describe('`simulator`: screens say that nobody real is checked.'),
  BANK_URL: partnerUrl.describe(
    'Bank interface, asked to confirm a deposit that it told us of; https unless on this machine.',
  ),
  BANK_SECRET_FILE: secretFile.describe("File with the secret that signs the bank's notices."),
  BANK_NAME: text.default('지금은행').describe('Name of the bank that deposits go to.'),
  BANK_ACCOUNT_NUMBER: z
    .string()
    .regex(/^[0-9-]{6,20}$/, 'Expected 6 to 20 digits and hyphens.')
    .default('110-000-000001')
    .describe('Number of the bank account that deposits go to.'),
  BANK_HOLDER: text.default('지금 주식회사').describe('Holder of that bank account.'),
  BANK_MODE: z.enum(['simulator', 'live']).default('simulator').describe('`simulator`: screens say that no won moves.'),
  WEB_DIR: text.optional().describe('Folder of the built web app. Without it only the API is served.'),
  FAILPOINTS_FILE: secretFile
    .optional()
    .describe(
      'For tests: a file that says at which points the server shall kill itself, stop, fail or wait. Refused where NODE_ENV is production, and beside a real bank or agency.',
    ),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
  LOG_REQUESTS: z
    .enum(['off', 'unsafe', 'all'])
    .default('unsafe')
    .describe('One line for no request, for those that may change something, or for all (costs a third of the rate).'),
  TRUST_PROXY: cidrList
    .default([])
    .describe('Networks of reverse proxies whose X-Forwarded-For is believed, separated by commas.'),
  WEBHOOK_NETWORKS: cidrList
    .default([])
    .describe(
      'Private networks that webhooks may reach as well, also by plain http, separated by commas: tills in the shop’s own network. Without it only public addresses, by https.',
    ),
  UNLOCK_IDLE_MINUTES: count(1, 60).default(10).describe('An unlocked wallet locks after so many idle minutes.'),
  SESSION_IDLE_MINUTES: count(5, 1440).default(30).describe('A session ends after so many idle minutes.'),
  SESSION_HOURS: count(1, 72).default(12).describe('A session ends after so many hours, used or not.'),
  CHECKS_PER_ADDRESS: count(1, 100_000)
    .default(60)
    .describe('Identity checks that one network address may start in an hour.'),
  LOGINS_PER_ADDRESS: count(1, 100_000).default(600).describe('Log-ins that one network address may try in an hour.'),
  CHARGE_HOURS: count(1, 168).default(24).describe('A charge waits so many hours for its deposit.'),
  GAS_PREFUND: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      '`on`: new wallets get native coin in advance, so that no payment waits for it. `off`: on the first payment.',
    ),
  MISMATCH_STOPS: z
    .enum(['platform', 'subject'])
    .default('platform')
    .describe(
      'What stops where ledger and chain differ, until an operator decides: all signing (`platform`), or only the wallet or the token that differs (`subject`).',
    ),
  GAS_MEMBER_DAY_PAYMENTS: count(1, 1_000_000)
    .default(300)
    .describe(
      'Gas for so many payments is granted to one member on one day (UTC) at most. Who pays more often is a till or an attack: both should talk to an operator.',
    ),
  GAS_DAY_PAYMENTS: count(1, 1_000_000_000)
    .default(2_000_000)
    .describe('Gas for so many payments is granted to all on one day (UTC) at most.'),
  GAS_TREASURY_FLOOR_PAYMENTS: count(0, 1_000_000_000)
    .default(1_000)
    .describe('The treasury keeps gas for so many payments: grants stop above that.'),
  SEED_TOKEN: z
    .string()
    .transform((value, context) => {
      if (value === '' || value === 'off') return null;
      if (value === 'EST' || value === 'true' || value === '1') return paperToken;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'Expected EST, off, or a token as JSON.' });
        return z.NEVER;
      }
    })
    .pipe(seedToken.nullable())
    .default(null)
    .describe(
      "Token that the first start creates: `EST` for the paper's eSportsToken (18 decimals, 1 won), JSON `{name, symbol, supply, decimals, wonPerToken}`, or `off`.",
    ),
});

export type Settings = z.output<typeof settings>;

/** The validated configuration. Modules read from it; nobody writes. */
export interface Config {
  host: string;
  port: number;
  /** Null: the server names itself by host and port. */
  publicUrl: string | null;
  /** True where members come over TLS: `__Host-` cookies, HSTS. */
  isHttps: boolean;
  databaseUrl: string;
  databasePasswordFile: string | null;
  migrationDatabaseUrl: string | null;
  migrationDatabasePasswordFile: string | null;
  databaseConnections: number;
  scanDatabase: { url: string; passwordFile: string | null; connections: number };
  chainUrl: string;
  /** Null: on the port of `chainUrl`. */
  chainWsUrl: string | null;
  chainId: number;
  caUrl: string;
  caSecretFile: string | null;
  serverKeyFile: string;
  /** Null: no receipts are issued. */
  receiptKeyFile: string | null;
  audit: {
    keyFile: string | null;
    anchorPath: string | null;
    isOnChain: boolean;
    checkpointRows: number;
    checkpointMinutes: number;
  };
  platformKeystoreDir: string;
  platformPassphraseFile: string;
  keystoreDir: string;
  keystoreScryptN: number;
  operatorTokenFile: string | null;
  identity: { url: string; secretFile: string; channelKey: string; mode: 'simulator' | 'portone' };
  bank: {
    url: string;
    secretFile: string;
    bankName: string;
    accountNumber: string;
    holderName: string;
    mode: 'simulator' | 'live';
  };
  webDir: string | null;
  /** Null everywhere but in tests. */
  failpointsFile: string | null;
  logLevel: Settings['LOG_LEVEL'];
  logRequests: Settings['LOG_REQUESTS'];
  trustProxy: readonly string[];
  /** Networks that webhooks may reach although they are not public. */
  webhookNetworks: readonly string[];
  unlockIdleMinutes: number;
  sessionIdleMinutes: number;
  sessionHours: number;
  checksPerAddress: number;
  loginsPerAddress: number;
  chargeHours: number;
  /** False: a wallet gets its first native coin with its first payment. */
  hasGasPrefund: boolean;
  /** What stops signing where ledger and chain differ. */
  mismatchStops: 'platform' | 'subject';
  /** Budgets for gas, counted in payments. */
  gas: { memberDayPayments: number; dayPayments: number; treasuryFloorPayments: number };
  seedToken: z.output<typeof seedToken> | null;
  /** True where any part of the outside world is simulated; screens say so. */
  isSimulation: boolean;
}

/** The configuration cannot be used. `problems`: one sentence each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads and checks the environment. Throws `ConfigError` with all problems at once. Opens no file but checks modes. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settings.safeParse(present);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        return present[name] === undefined
          ? `${name} is missing. ${settings.shape[name as keyof Settings].description ?? ''}`
          : `${name} cannot be used. ${issue.message}`;
      }),
    );
  const value = parsed.data;
  const problems = [...fileProblems(value), ...failpointProblems(value, env['NODE_ENV'])];
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    host: value.HOST,
    port: value.PORT,
    publicUrl: value.PUBLIC_URL ?? null,
    isHttps: value.PUBLIC_URL?.startsWith('https://') ?? false,
    databaseUrl: value.DATABASE_URL,
    databasePasswordFile: value.DATABASE_PASSWORD_FILE ?? null,
    migrationDatabaseUrl: value.MIGRATION_DATABASE_URL ?? null,
    migrationDatabasePasswordFile: value.MIGRATION_DATABASE_PASSWORD_FILE ?? null,
    databaseConnections: value.DATABASE_CONNECTIONS,
    scanDatabase: {
      url: value.SCAN_DATABASE_URL ?? value.DATABASE_URL,
      passwordFile:
        (value.SCAN_DATABASE_URL === undefined ? value.DATABASE_PASSWORD_FILE : value.SCAN_DATABASE_PASSWORD_FILE) ??
        null,
      connections: value.SCAN_DATABASE_CONNECTIONS,
    },
    chainUrl: value.CHAIN_URL,
    chainWsUrl: value.CHAIN_WS_URL ?? null,
    chainId: value.CHAIN_ID,
    caUrl: value.CA_URL,
    caSecretFile: value.CA_SECRET_FILE ?? null,
    serverKeyFile: value.SERVER_KEY_FILE,
    receiptKeyFile: value.RECEIPT_KEY_FILE ?? null,
    audit: {
      keyFile: value.AUDIT_KEY_FILE ?? null,
      anchorPath: value.AUDIT_ANCHOR_PATH ?? null,
      isOnChain: value.AUDIT_ANCHOR_CHAIN === 'on',
      checkpointRows: value.AUDIT_CHECKPOINT_ROWS,
      checkpointMinutes: value.AUDIT_CHECKPOINT_MINUTES,
    },
    platformKeystoreDir: value.PLATFORM_KEYSTORE_DIR,
    platformPassphraseFile: value.PLATFORM_PASSPHRASE_FILE,
    keystoreDir: value.KEYSTORE_DIR,
    keystoreScryptN: value.KEYSTORE_SCRYPT_N,
    operatorTokenFile: value.OPERATOR_TOKEN_FILE ?? null,
    identity: {
      url: value.IDENTITY_URL,
      secretFile: value.IDENTITY_SECRET_FILE,
      channelKey: value.IDENTITY_CHANNEL_KEY,
      mode: value.IDENTITY_MODE,
    },
    bank: {
      url: value.BANK_URL,
      secretFile: value.BANK_SECRET_FILE,
      bankName: value.BANK_NAME,
      accountNumber: value.BANK_ACCOUNT_NUMBER,
      holderName: value.BANK_HOLDER,
      mode: value.BANK_MODE,
    },
    webDir: value.WEB_DIR ?? null,
    failpointsFile: value.FAILPOINTS_FILE ?? null,
    logLevel: value.LOG_LEVEL,
    logRequests: value.LOG_REQUESTS,
    trustProxy: value.TRUST_PROXY,
    webhookNetworks: value.WEBHOOK_NETWORKS,
    unlockIdleMinutes: value.UNLOCK_IDLE_MINUTES,
    sessionIdleMinutes: value.SESSION_IDLE_MINUTES,
    sessionHours: value.SESSION_HOURS,
    checksPerAddress: value.CHECKS_PER_ADDRESS,
    loginsPerAddress: value.LOGINS_PER_ADDRESS,
    chargeHours: value.CHARGE_HOURS,
    hasGasPrefund: value.GAS_PREFUND === 'on',
    mismatchStops: value.MISMATCH_STOPS,
    gas: {
      memberDayPayments: value.GAS_MEMBER_DAY_PAYMENTS,
      dayPayments: value.GAS_DAY_PAYMENTS,
      treasuryFloorPayments: value.GAS_TREASURY_FLOOR_PAYMENTS,
    },
    seedToken: value.SEED_TOKEN,
    isSimulation: value.IDENTITY_MODE === 'simulator' || value.BANK_MODE === 'simulator',
  };
}

function fileProblems(value: Settings): string[] {
  const problems: string[] = [];
  const names = Object.keys(settings.shape) as (keyof Settings)[];
  for (const name of names.filter((each) => each.endsWith('_FILE'))) {
    const path = value[name] as string | undefined;
    if (path !== undefined) problems.push(...secretFileProblems(name, path));
  }
  for (const name of ['PLATFORM_KEYSTORE_DIR', 'KEYSTORE_DIR', 'WEB_DIR'] as const) {
    const path = value[name];
    if (path === undefined) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isDirectory()) problems.push(`${name} names ${path}, where there is no folder.`);
  }
  return problems;
}

/** A server that can be told to kill itself must not be one that moves real money. */
function failpointProblems(value: Settings, nodeEnv: string | undefined): string[] {
  const isReal = nodeEnv === 'production' || value.BANK_MODE === 'live' || value.IDENTITY_MODE === 'portone';
  return value.FAILPOINTS_FILE !== undefined && isReal
    ? [
        'FAILPOINTS_FILE is for tests and cannot be used with NODE_ENV=production, BANK_MODE=live or IDENTITY_MODE=portone. Take it away.',
      ]
    : [];
}

/** Others must not be able to read a secret: a group or world bit is refused, not only warned of. */
function secretFileProblems(name: string, path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return [`${name} names ${path}, where there is no file.`];
  const problems: string[] = [];
  if ((stat.mode & 0o077) !== 0)
    problems.push(
      `${name} names ${path} with mode ${(stat.mode & 0o777).toString(8).padStart(4, '0')}, which others may read or write. Run: chmod 0400 ${path}`,
    );
  try {
    accessSync(path, constants.R_OK);
  } catch {
    problems.push(`${name} names ${path}, which this process may not read.`);
  }
  return problems;
}

/** Reads a secret file: its bytes without the line end. The caller clears them after use. */
export function readSecretFile(path: string): Uint8Array {
  const bytes = readFileSync(path);
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--;
  const secret = Uint8Array.prototype.slice.call(bytes, 0, end);
  bytes.fill(0);
  return secret;
}

/** Reads the server key: 64 hex digits, 32 bytes. Throws `ConfigError`, whose text shows no content. */
export const readServerKey = (path: string): Uint8Array => readHexKey('SERVER_KEY_FILE', path);

/** Reads the key that signs receipts: 64 hex digits, 32 bytes. Throws `ConfigError`, whose text shows no content. */
export const readReceiptKey = (path: string): Uint8Array => readHexKey('RECEIPT_KEY_FILE', path);

/** Reads the key that signs the audit log: 64 hex digits, 32 bytes. Throws `ConfigError`, whose text shows no content. */
export const readAuditKey = (path: string): Uint8Array => readHexKey('AUDIT_KEY_FILE', path);

function readHexKey(name: 'SERVER_KEY_FILE' | 'RECEIPT_KEY_FILE' | 'AUDIT_KEY_FILE', path: string): Uint8Array {
  const digits = readSecretFile(path);
  const isKey = digits.length === 64 && digits.every((byte) => isHexDigit(byte));
  if (!isKey) {
    digits.fill(0);
    throw new ConfigError([`${name} names ${path}. Expected 64 hex digits, got ${digits.length} bytes that are not.`]);
  }
  const key = new Uint8Array(32);
  for (let index = 0; index < 32; index++)
    key[index] = (hexValue(digits[2 * index]!) << 4) | hexValue(digits[2 * index + 1]!);
  digits.fill(0);
  return key;
}

const isHexDigit = (byte: number) =>
  (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70);
const hexValue = (byte: number) => (byte <= 57 ? byte - 48 : (byte | 32) - 87);

/** The configuration as lines of `name = value`, without anything secret: passwords in addresses are replaced. */
export function describeConfig(env: Record<string, string | undefined> = process.env): string[] {
  return Object.keys(settings.shape).map((name) => {
    const given = env[name];
    if (given === undefined || given === '') {
      const field = settings.shape[name as keyof Settings] as z.ZodType;
      const value = field.safeParse(undefined);
      const shown = value.success && value.data !== undefined ? JSON.stringify(value.data) : '(not set)';
      return `${name} = ${shown} (default)`;
    }
    return `${name} = ${withoutPassword(given)}`;
  });
}

function withoutPassword(value: string): string {
  return value.replace(/^([a-z]+:\/\/[^:@/\s]+):.*@/i, '$1:***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}

function isCidr(value: string): boolean {
  const [address, bits, ...rest] = value.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^[0-9]{1,3}$/.test(bits) && Number.parseInt(bits, 10) <= (family === 4 ? 32 : 128) && bits !== '0';
}

/** What `jigeum audit` takes from the environment where its options say nothing; each may be missing. */
export interface AuditEnvironment {
  databaseUrl: string | undefined;
  databasePasswordFile: string | undefined;
  serverKeyFile: string | undefined;
  auditKeyFile: string | undefined;
  anchorPath: string | undefined;
  chainUrl: string | undefined;
  chainId: string | undefined;
}

/** Reads it without a check: whoever verifies a log need not have a server's whole configuration. */
export const readAuditEnvironment = (env: Record<string, string | undefined> = process.env): AuditEnvironment => ({
  databaseUrl: env['DATABASE_URL'],
  databasePasswordFile: env['DATABASE_PASSWORD_FILE'],
  serverKeyFile: env['SERVER_KEY_FILE'],
  auditKeyFile: env['AUDIT_KEY_FILE'],
  anchorPath: env['AUDIT_ANCHOR_PATH'],
  chainUrl: env['CHAIN_URL'],
  chainId: env['CHAIN_ID'],
});
