/** The whole product on one machine: every part as a supervised child of this process. */
import { join } from 'node:path';
import { createApiClient } from '@jigeum/api';
import { systemClock } from '@jigeum/std';
import type { CliConfig } from '../config.ts';
import type { Places } from '../person.ts';
import { Refusal } from '../refusal.ts';
import { startChild, type Child } from './child.ts';
import { openDataFolder, writeAtomically, type DataFolder } from './data-folder.ts';
import { EMBEDDED_CHAIN_ID, prepareFirstStart } from './first-start.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { freePorts, requireFreePort } from './ports.ts';
import { postgresRunnerFile, preparePostgresHome, type PostgresHome } from './postgres-home.ts';
import { ensureWebBuild } from './web-build.ts';

export interface InstanceOptions {
  readonly config: CliConfig;
  readonly dataDir: string;
  /** The web server's port; the other parts take the following ones. 0: free ones. */
  readonly port: number;
  readonly blockMs: number;
  /** Without the web app only the API is served. */
  readonly hasWeb: boolean;
  /** Extra settings of the server, by environment name. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  /** Told of progress and failures, one sentence each. */
  readonly say: (sentence: string) => void;
}

export interface Instance {
  readonly isFirstStart: boolean;
  readonly dataDir: string;
  readonly places: Places & { readonly nodeUrl: string; readonly caUrl: string; readonly agencyUrl: string };
  /** For checks that look at the database by themselves. */
  readonly ownerDatabase: {
    readonly host: string;
    readonly user: string;
    readonly passwordFile: string;
    readonly database: string;
  };
  /** The parts by name: postgres, node, sms, agency, bank, server. */
  readonly children: ReadonlyMap<string, Child>;
  stop(): Promise<void>;
}

export const DATABASE = 'jigeum';
const PORT_OFFSETS = { web: 0, sms: 1, bank: 2, agency: 3, node: 4, ca: 5 } as const;
type PortName = keyof typeof PORT_OFFSETS;

/** Starts everything. Throws a `Refusal` with one sentence, and leaves nothing running, when a part cannot start. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { config } = options;
  const ports = await choosePorts(options.port);
  const folder = openDataFolder(options.dataDir);
  const children = new Map<string, Child>();
  const stop = async (): Promise<void> => {
    await children.get('server')?.stop();
    await Promise.all(['sms', 'agency', 'bank', 'node'].map(async (name) => children.get(name)?.stop()));
    await children.get('postgres')?.stop();
    folder.release();
  };
  try {
    const secrets = makeSecrets(folder);
    const postgres = preparePostgresHome({ instanceDir: folder.path, tmpDir: config.tmpDir });
    if (!postgres.dataDir.startsWith(folder.path)) {
      options.say(
        `The database lies in ${postgres.dataDir}, because the user ${postgres.runAs?.name} who runs it cannot enter ${folder.path}.`,
      );
    }
    const url = (port: PortName): string => `http://127.0.0.1:${ports[port]}`;
    const start = async (
      name: string,
      label: string,
      args: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<void> => {
      const startedAt = systemClock.monotonicMs();
      const child = await startChild({
        name,
        label,
        args,
        env: { ...config.childEnv, ...env },
        cwd: config.rootDir,
        logFile: folder.file('logs', `${name}.log`),
        say: options.say,
      });
      children.set(name, child);
      options.say(`${label} runs (${((systemClock.monotonicMs() - startedAt) / 1000).toFixed(1)} s)`);
    };
    const simulator = (name: string): string => join(config.rootDir, 'apps/simulators/src', `${name}.ts`);
    const port = (name: PortName): string[] => ['--port', String(ports[name])];
    const results = await Promise.allSettled([
      start('postgres', 'Database', [postgresRunnerFile, JSON.stringify(runnerInput(postgres, secrets))]),
      prepareFirstStart(folder, EMBEDDED_CHAIN_ID).then((genesisFile) =>
        start('node', 'Work node and CA', [
          ...NODE_FLAGS,
          join(config.rootDir, 'apps/cli/src/main.ts'),
          'node',
          ...port('node'),
          ...['--ca-port', String(ports.ca), '--data', folder.file('node'), '--chain-id', String(EMBEDDED_CHAIN_ID)],
          ...['--block-ms', String(options.blockMs), '--genesis', genesisFile, '--ca-secret-file', secrets.ca],
        ]),
      ),
      start('sms', 'Simulated SMS', [simulator('sms'), ...port('sms'), '--secret-file', secrets.sms]),
      start('agency', 'Simulated real-name agency', [
        simulator('agency'),
        ...port('agency'),
        ...['--secret-file', secrets.identity, '--sms-url', url('sms'), '--sms-secret-file', secrets.sms],
      ]),
      start('bank', 'Simulated bank', [
        simulator('bank'),
        ...port('bank'),
        ...['--secret-file', secrets.bank, '--notice-url', `${url('web')}/v1/bank/notices`],
        ...['--data', folder.file('bank.jsonl')],
      ]),
      options.hasWeb ? ensureWebBuild(config, () => options.say('Building the web app …')) : Promise.resolve(null),
    ]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    const webDir = options.hasWeb ? join(config.rootDir, 'apps/web/dist') : null;
    const env = {
      ...serverEnv(folder, secrets, postgres),
      HOST: '127.0.0.1',
      PORT: String(ports.web),
      CHAIN_URL: url('node'),
      CHAIN_ID: String(EMBEDDED_CHAIN_ID),
      CA_URL: url('ca'),
      IDENTITY_URL: url('agency'),
      BANK_URL: url('bank'),
      // A receiver that somebody tries out runs on this machine, as everything here does.
      WEBHOOK_NETWORKS: '127.0.0.0/8',
      ...(webDir === null ? {} : { WEB_DIR: webDir }),
      ...options.serverEnv,
    };
    // What the server is told, for `jigeum config` and for those who take a part out of the embedding. It holds no secret.
    writeAtomically(
      folder.file('server.env'),
      Object.entries(env)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
        .join(''),
      0o644,
    );
    await start(
      'server',
      'Payment server',
      [join(config.rootDir, 'apps/server/src/main.ts'), 'migrate', 'serve', 'work'],
      env,
    );
    const places = {
      webUrl: url('web'),
      smsUrl: url('sms'),
      bankUrl: url('bank'),
      nodeUrl: url('node'),
      caUrl: url('ca'),
      agencyUrl: url('agency'),
    };
    writeAtomically(
      folder.file('addresses.json'),
      `${JSON.stringify({ web: places.webUrl, sms: places.smsUrl, bank: places.bankUrl, node: places.nodeUrl, ca: places.caUrl }, null, 2)}\n`,
      0o644,
    );
    await untilTokenExists(places.webUrl);
    folder.markComplete();
    return {
      isFirstStart: folder.isNew,
      dataDir: folder.path,
      places,
      ownerDatabase: {
        host: postgres.socketDir,
        user: 'jigeum_owner',
        passwordFile: secrets.databaseOwner,
        database: DATABASE,
      },
      children,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const TOKEN_WITHIN_MS = 30_000;
const POLL_MS = 100;

/** The first start creates the platform's token on the chain; nothing can be charged before it is there. */
async function untilTokenExists(baseUrl: string): Promise<void> {
  const api = createApiClient({ baseUrl });
  const deadline = systemClock.monotonicMs() + TOKEN_WITHIN_MS;
  while ((await api.call('listTokens', {})).items.length === 0) {
    if (systemClock.monotonicMs() > deadline)
      throw new Refusal(
        `The token was not created on the chain within ${TOKEN_WITHIN_MS / 1000} s. See the log of the server.`,
      );
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function choosePorts(first: number): Promise<Record<PortName, number>> {
  const names = Object.keys(PORT_OFFSETS) as PortName[];
  const ports = {} as Record<PortName, number>;
  const [base] = first === 0 ? await freePorts(names.length) : [first];
  for (const name of names) {
    ports[name] = base! + PORT_OFFSETS[name];
    if (first !== 0) await requireFreePort(ports[name], name);
  }
  return ports;
}

interface SecretFiles {
  readonly databaseOwner: string;
  readonly databaseApp: string;
  readonly databaseScan: string;
  readonly serverKey: string;
  readonly receiptKey: string;
  readonly auditKey: string;
  readonly platformPassphrase: string;
  readonly operatorToken: string;
  readonly ca: string;
  readonly identity: string;
  readonly sms: string;
  readonly bank: string;
}

export function makeSecrets(folder: DataFolder): SecretFiles {
  return {
    databaseOwner: folder.secretFile('database-owner', 24),
    databaseApp: folder.secretFile('database-app', 24),
    databaseScan: folder.secretFile('database-scan', 24),
    serverKey: folder.secretFile('server-key', 32),
    // Old receipts name the key that signed them, and its public half is in the database.
    receiptKey: folder.renewableSecretFile('receipt-key', 32),
    auditKey: folder.renewableSecretFile('audit-key', 32),
    platformPassphrase: folder.secretFile('platform-passphrase', 32),
    operatorToken: folder.secretFile('operator-token', 32),
    ca: folder.secretFile('ca', 16),
    identity: folder.secretFile('identity', 24),
    sms: folder.secretFile('sms', 24),
    bank: folder.secretFile('bank', 24),
  };
}

export const runnerInput = (home: PostgresHome, secrets: SecretFiles) => ({
  home,
  ownerPasswordFile: secrets.databaseOwner,
  appPasswordFile: secrets.databaseApp,
  scanPasswordFile: secrets.databaseScan,
  database: DATABASE,
});

export function serverEnv(folder: DataFolder, secrets: SecretFiles, postgres: PostgresHome): Record<string, string> {
  const database = (user: string): string => `postgres://${user}@${encodeURIComponent(postgres.socketDir)}/${DATABASE}`;
  return {
    DATABASE_URL: database('jigeum_server'),
    SCAN_DATABASE_URL: database('jigeum_scanner'),
    SCAN_DATABASE_PASSWORD_FILE: secrets.databaseScan,
    MIGRATION_DATABASE_URL: database('jigeum_owner'),
    DATABASE_PASSWORD_FILE: secrets.databaseApp,
    MIGRATION_DATABASE_PASSWORD_FILE: secrets.databaseOwner,
    SERVER_KEY_FILE: secrets.serverKey,
    RECEIPT_KEY_FILE: secrets.receiptKey,
    AUDIT_KEY_FILE: secrets.auditKey,
    AUDIT_ANCHOR_PATH: folder.file('audit-anchors.log'),
    PLATFORM_KEYSTORE_DIR: folder.file('platform'),
    PLATFORM_PASSPHRASE_FILE: secrets.platformPassphrase,
    KEYSTORE_DIR: folder.file('keystores'),
    OPERATOR_TOKEN_FILE: secrets.operatorToken,
    CA_SECRET_FILE: secrets.ca,
    IDENTITY_SECRET_FILE: secrets.identity,
    IDENTITY_MODE: 'simulator',
    BANK_SECRET_FILE: secrets.bank,
    BANK_MODE: 'simulator',
    SEED_TOKEN: 'EST',
  };
}
