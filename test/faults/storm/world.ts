/** A cluster with everything in between that can go wrong: a proxy before the node, one before the database, and failpoints. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createApiClient, type ApiClient } from '@jigeum/api';
import { startCluster, type Cluster, type Replica } from '../../cluster/cluster.ts';
import type { Person } from '../../cluster/people.ts';
import { Random } from '../../fuzz/random.ts';
import { createChecker, type Checker, type SeenWebhooks } from '../checker/checker.ts';
import { startNodeProxy, type NodeProxy } from '../proxy/node-proxy.ts';
import { startPostgresProxy, type PostgresProxy } from '../proxy/postgres-proxy.ts';
import { createFailpointFile, type FailpointFile } from './failpoints.ts';
import { startWebhookReceiver, type WebhookReceiver } from './receiver.ts';

export interface StormWorld {
  readonly cluster: Cluster;
  readonly node: NodeProxy;
  readonly database: PostgresProxy;
  readonly checker: Checker;
  /** Who is told of every payment's end. */
  readonly till: WebhookReceiver;
  /** Its id as an endpoint. */
  readonly webhookId: string;
  /** What it got, for the checker. */
  readonly webhooks: SeenWebhooks;
  /** One for each replica. */
  readonly failpoints: readonly FailpointFile[];
  /** Those who pay each other. */
  readonly payers: readonly Person[];
  /** Those whose key is also used outside: nobody else pays or is paid by them. */
  readonly careless: readonly Person[];
  /** The operator, at a replica that may be down. */
  operator(replica: Replica): ApiClient;
  stop(): Promise<void>;
}

const PEOPLE = 24;
const CARELESS = 4;
const REPLICAS = 2;
/** Both sign with one key. */
const AUDIT_KEY = '7e'.repeat(32);
/** Some hundred cycles of a few people would use up a member's gas of a day: the alarm would be true, and payments be refused. */
const PAYMENTS_A_DAY = '100000';
/** A payment writes a row, so a checkpoint is due in each cycle. */
const CHECKPOINT_ROWS = '5';

/** Starts it. The same seed makes the same people and the same choices of the proxies. */
export async function startStormWorld(seed: string): Promise<StormWorld> {
  const closers: (() => Promise<void>)[] = [];
  let node: NodeProxy | undefined;
  let database: PostgresProxy | undefined;
  let till: WebhookReceiver | undefined;
  const failpoints: FailpointFile[] = [];
  try {
    const cluster = await startCluster({
      replicas: REPLICAS,
      people: PEOPLE,
      gas: 'granted',
      async route(direct) {
        node ??= await startNodeProxy(direct.nodeUrl, new Random(`${seed} node`, 0));
        database ??= await startPostgresProxy(portOf(direct.databaseUrl), new Random(`${seed} database`, 0));
        const { port } = database;
        return {
          nodeUrl: node.url,
          caUrl: direct.caUrl,
          databaseUrl: withPort(direct.databaseUrl, port),
          scanDatabaseUrl: withPort(direct.scanDatabaseUrl, port),
        };
      },
      serverEnv(replica, folder) {
        const file = createFailpointFile(folder.file('secrets', `failpoints-${replica}`));
        failpoints.push(file);
        const auditKeyFile = folder.file('secrets', `audit-key-${replica}`);
        writeFileSync(auditKeyFile, AUDIT_KEY, { mode: 0o400 });
        return {
          FAILPOINTS_FILE: file.path,
          AUDIT_KEY_FILE: auditKeyFile,
          AUDIT_CHECKPOINT_ROWS: CHECKPOINT_ROWS,
          AUDIT_ANCHOR_CHAIN: 'off',
          GAS_MEMBER_DAY_PAYMENTS: PAYMENTS_A_DAY,
          WEBHOOK_NETWORKS: '127.0.0.0/8',
        };
      },
    });
    closers.push(
      async () => await database?.stop(),
      async () => await node?.stop(),
      () => cluster.stop(),
    );
    const token = readFileSync(cluster.folder.secrets.operatorToken, 'utf8').trim();
    const operator = ({ url }: Replica): ApiClient =>
      createApiClient({ baseUrl: url, headers: () => ({ authorization: `Bearer ${token}` }), timeoutMs: 5_000 });
    till = await startWebhookReceiver(new Random(`${seed} till`, 0));
    closers.push(async () => await till?.stop());
    const added = await operator(cluster.replicas[0]!).call('operatorAddWebhook', { body: { url: till.url } });
    return {
      cluster,
      till,
      webhookId: added.webhookId,
      webhooks: { received: till.received, secrets: new Map([[added.webhookId, added.secret]]) },
      checker: createChecker({
        databaseUrl: cluster.postgres.ownerUrl,
        rpcUrl: cluster.node.rpcUrl,
        serverKey: cluster.folder.serverKey,
      }),
      node: node!,
      database: database!,
      failpoints,
      payers: cluster.people.slice(CARELESS),
      careless: cluster.people.slice(0, CARELESS),
      operator,
      async stop() {
        for (const close of closers.reverse().splice(0)) await close();
      },
    };
  } catch (error) {
    for (const close of closers.reverse().splice(0)) await close();
    await node?.stop();
    await database?.stop();
    throw error;
  }
}

const portOf = (url: string): number => Number.parseInt(new URL(url).port, 10);

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
