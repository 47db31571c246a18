/** From configuration to a running server: opens what is needed in order, and closes it in the other. */
import { createHash } from 'node:crypto';
import { randomIds, systemClock } from '@jigeum/std';
import type { ChainDriver } from '@jigeum/chain';
import { createCaRegistry, createSymverseDriver } from '@jigeum/chain-symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { readSecretFile, readServerKey, type Config } from '#config';
import type { Deps } from '#deps';
import { audit, inTrx, jobLoop, type JobLoop, type JobName } from '#platform';
import { openReceiptIssuer } from '#receipts';
import { checkAtStart, quarantineReason } from '#reconcile';
import { indexedGenesis } from '#scanner';
import { reconcilePlatformGas, seedToken } from '#transfers';
import { openCustody } from '#wallets';
import { createBankGateway } from './adapters/bank.ts';
import { createIdentityAgency } from './adapters/identity-agency.ts';
import { createApp, type App } from './app.ts';
import { connectionOf, openDb, openScanDb } from './platform/db.ts';
import { EVENTS_CHANNEL, SCAN_CHANNEL, WAKE_CHANNEL } from './platform/events.ts';
import { createHinter } from './platform/hint.ts';
import { armFailpoints } from './platform/failpoint.ts';
import { createListener } from './platform/listen.ts';
import { createLog } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { checkMigrated } from './platform/migrate.ts';
import { createSecrets } from './platform/secrets.ts';
import { createWaker } from './platform/wake.ts';
import { readinessChecks } from './readiness.ts';
import { jobsOf } from './worker.ts';

/** Jobs that read blocks. */
const HEAD_FOLLOWERS = ['confirm', 'scan', 'reconcile'] as const satisfies readonly JobName[];

/** The server cannot start. The message is one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export type RunningRole = 'serve' | 'work';

export interface RunningServer {
  /** Where it listens; null where it only works. */
  url: string | null;
  /** Drains: no new request, running requests and job runs end, then connections close. */
  stop(): Promise<void>;
}

/** Starts the roles. Throws `StartError`, or another error whose message is fit to be read. */
export async function startServer(config: Config, roles: ReadonlySet<RunningRole>): Promise<RunningServer> {
  const closers: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closers.reverse().splice(0)) await close();
  };
  try {
    return await start(config, roles, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  config: Config,
  roles: ReadonlySet<RunningRole>,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningServer> {
  const log = createLog({ level: config.logLevel });
  if (config.failpointsFile !== null) {
    log.warn('Failpoints are armed: this server is being tested, and kills itself where its file says so.');
    armFailpoints(config.failpointsFile);
  }
  const metrics = createMetrics({ ofProcess: true });
  const password = passwordOf(config.databasePasswordFile);
  const { db, pool, close } = openDb({
    url: config.databaseUrl,
    ...(password === undefined ? {} : { password }),
    connectionsMax: config.databaseConnections,
    applicationName: `jigeum ${[...roles].join(' ')}`,
  });
  closers.push(close);
  await checkMigrated(pool);
  const scanPassword = passwordOf(config.scanDatabase.passwordFile);
  const scan = openScanDb({
    url: config.scanDatabase.url,
    ...(scanPassword === undefined ? {} : { password: scanPassword }),
    connectionsMax: config.scanDatabase.connections,
  });
  closers.push(scan.close);

  const serverKey = readServerKey(config.serverKeyFile);
  const secrets = createSecrets({ ids: randomIds }, serverKey);
  serverKey.fill(0);
  const waker = createWaker({ log, pool });
  const bankSecret = readSecretFile(config.bank.secretFile);
  const deps: Deps = {
    config,
    clock: systemClock,
    ids: randomIds,
    log,
    metrics,
    db,
    scanDb: scan.db,
    secrets,
    wake: waker.wake,
    hint: createHinter({ log, pool }),
    chain: await openChain({ config, db }),
    keyRegistry: createCaRegistry({ caUrl: config.caUrl, secret: textOf(config.caSecretFile) }),
    identityAgency: createIdentityAgency({
      url: config.identity.url,
      secret: textOf(config.identity.secretFile),
      channelKey: config.identity.channelKey,
    }),
    bank: createBankGateway({ clock: systemClock }, { url: config.bank.url, secret: bankSecret }),
  };

  await inTrx(deps, (trx) =>
    audit(deps, trx, {
      actor: 'job:start',
      act: 'server.started',
      subject: null,
      facts: {
        roles: [...roles].join(' '),
        chain: config.chainId,
        identity: config.identity.mode,
        bank: config.bank.mode,
        hasOperator: config.operatorTokenFile !== null,
      },
    }),
  );
  await openCustody(deps);
  await checkAtStart(deps);
  await reconcilePlatformGas(deps);
  const quarantine = await quarantineReason(deps);
  if (quarantine === null) await seedToken(deps);
  else log.error('The server starts in quarantine.', { reason: quarantine });

  const listener = createListener(
    { log },
    connectionOf({ url: config.databaseUrl, ...(password === undefined ? {} : { password }) }),
  );
  closers.push(() => listener.stop());
  listener.on(WAKE_CHANNEL, (job) => waker.hear(job));

  if (roles.has('work')) {
    const loops: JobLoop[] = jobsOf(deps).map((job) => {
      const loop = jobLoop(deps, job);
      waker.add(job.name, loop);
      return loop;
    });
    closers.push(async () => void (await Promise.all(loops.map((loop) => loop.stop()))));
    // A block ends payments: its followers need not wait for their timers. A lost hint costs one interval.
    const unfollow = deps.chain.onHead(() => HEAD_FOLLOWERS.forEach((job) => waker.hear(job)));
    closers.push(() => Promise.resolve(unfollow()));
    listener.onConnected(() => loops.forEach((loop) => loop.poke()));
  }

  let url: string | null = null;
  if (roles.has('serve')) {
    const app = await createApp(deps, {
      receiptIssuer: await openReceiptIssuer(deps),
      operatorTokenHash: tokenHashOf(config.operatorTokenFile),
      checks: readinessChecks(deps),
    });
    closers.push(() => app.close());
    listener.on(EVENTS_CHANNEL, (memberIds) => memberIds.split(',').forEach((memberId) => app.streams.poke(memberId)));
    listener.on(SCAN_CHANNEL, () => app.scan.poke());
    listener.onConnected(() => {
      app.streams.pokeAll();
      app.scan.poke();
    });
    url = await listenOn(app, config);
  }
  listener.start();
  log.info('started', { role: [...roles].join(' '), ...(url === null ? {} : { url }) });
  return {
    url,
    async stop() {
      log.info('stopping', { role: [...roles].join(' ') });
      await stop();
    },
  };
}

/**
 * The driver of the chain that this database belongs to. Where the index has block 0, only a node that has the same block is
 * believed: a server that is started again while another node answers does not take that node's chain for its own.
 */
export async function openChain({ config, db }: Pick<Deps, 'config' | 'db'>): Promise<ChainDriver> {
  return createSymverseDriver({
    node: config.chainUrl,
    headsUrl: config.chainWsUrl ?? undefined,
    chainId: config.chainId,
    crypto: nativeCrypto,
    genesisHash: await indexedGenesis(db),
  });
}

async function listenOn(app: App, config: Config): Promise<string> {
  try {
    return await app.http.listen({ host: config.host, port: config.port });
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'EADDRINUSE')
      throw new StartError(
        `Port ${config.port} of ${config.host} is in use. Stop what listens there, or choose another port with PORT.`,
        { cause },
      );
    if (code === 'EACCES')
      throw new StartError(`This user may not listen on port ${config.port}. Choose one above 1023 with PORT.`, {
        cause,
      });
    throw cause;
  }
}

/** Read at each connection: a password that is changed in its file needs no restart. */
export const passwordOf = (file: string | null): (() => string) | undefined =>
  file === null ? undefined : () => textOf(file);

function textOf(file: string | null): string {
  if (file === null) return '';
  const bytes = readSecretFile(file);
  const text = Buffer.from(bytes).toString('utf8');
  bytes.fill(0);
  return text;
}

function tokenHashOf(file: string | null): Uint8Array | null {
  if (file === null) return null;
  const token = readSecretFile(file);
  if (token.length < 16) throw new StartError(`OPERATOR_TOKEN_FILE names ${file}. Expected at least 16 characters.`);
  const hash = createHash('sha256').update(token).digest();
  token.fill(0);
  return new Uint8Array(hash);
}
