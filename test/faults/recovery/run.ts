/** How long after a failure everything works again, and how long a payment takes where nothing fails. Each is done several times; the worst counts. */
import { readFileSync } from 'node:fs';
import { createApiClient, type ApiClient } from '@jigeum/api';
import { hexToBytes } from '@jigeum/std';
import { startCluster, type Cluster, type Replica } from '../../cluster/cluster.ts';
import { sendBeside } from '../../cluster/sign-beside.ts';
import { until } from '../../cluster/until.ts';
import type { Person } from '../../cluster/people.ts';
import { Random } from '../../fuzz/random.ts';
import { startNodeProxy, type NodeProxy } from '../proxy/node-proxy.ts';
import { checkerOf, expectSound } from '../races/expect-sound.ts';
import { decideOutside } from '../storm/outside.ts';

export interface Measured {
  readonly name: string;
  readonly boundMs: number;
  readonly samplesMs: readonly number[];
}

interface Scene {
  readonly cluster: Cluster;
  readonly proxy: NodeProxy;
  readonly random: Random;
  readonly allowForeign: (hash: string) => void;
  readonly operator: (replica: Replica) => ApiClient;
  /** How long the node is away. */
  readonly awayMs: number;
}

interface Recovery {
  readonly name: string;
  /** The promise. */
  readonly boundMs: number;
  /** Breaks, mends, and tells how long it took. */
  readonly measure: (scene: Scene) => Promise<number>;
}

/** Who starts a part again waits so long first: `jigeum up` does. */
const SUPERVISOR_MS = 250;
/** Longer than any pause between two tries, so that all of them have grown to their longest. */
const NODE_AWAY_MS = 25_000;
const PAYMENTS = 20;
const WITHIN_MS = 90_000;

export const RECOVERIES: readonly Recovery[] = [
  { name: 'payment sent → its payee told that it is final', boundMs: 2_000, measure: payeeTold },
  { name: 'server killed → serving', boundMs: 2_000, measure: serverKilled },
  { name: 'PostgreSQL killed → paying at every server', boundMs: 5_000, measure: postgresKilled },
  { name: 'node back → everything sent again', boundMs: 10_000, measure: nodeAway },
  { name: 'bytes that a node took and forgot → on the chain', boundMs: 30_000, measure: bytesForgotten },
  { name: 'nonce used outside → its payment returned', boundMs: 30_000, measure: nonceUsedOutside },
];

/** Runs every recovery `times` times on one platform of two servers. Throws where the checker finds anything afterwards. */
export async function runRecoveries(options: {
  seed: string;
  times: number;
  awayMs?: number;
  tell: (line: string) => void;
}): Promise<Measured[]> {
  const { seed, times, awayMs = NODE_AWAY_MS, tell } = options;
  let proxy: NodeProxy | undefined;
  const cluster = await startCluster({
    replicas: 2,
    people: 24,
    blockMs: 1_000,
    platformScryptN: 32_768,
    async route(direct) {
      proxy ??= await startNodeProxy(direct.nodeUrl, new Random(seed, 1));
      return { ...direct, nodeUrl: proxy.url };
    },
  });
  try {
    const checker = checkerOf(cluster);
    const token = readFileSync(cluster.folder.secrets.operatorToken, 'utf8').trim();
    const scene: Scene = {
      awayMs,
      cluster,
      proxy: proxy!,
      random: new Random(seed, 0),
      allowForeign: (hash) => checker.allowForeign(hash),
      operator: ({ url }) => createApiClient({ baseUrl: url, headers: () => ({ authorization: `Bearer ${token}` }) }),
    };
    const measured: Measured[] = [];
    for (const { name, boundMs, measure } of RECOVERIES) {
      const samplesMs: number[] = [];
      for (let time = 0; time < times; time++) {
        samplesMs.push(await measure(scene));
        await cluster.untilDrained(WITHIN_MS);
        await expectSound(cluster, checker, { isDrained: true });
      }
      measured.push({ name, boundMs, samplesMs });
      tell(lineOf({ name, boundMs, samplesMs }));
    }
    return measured;
  } finally {
    await cluster.stop();
    await proxy?.stop();
  }
}

export const worstOf = ({ samplesMs }: Measured): number => Math.max(...samplesMs);

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

const lineOf = (measured: Measured): string =>
  `${measured.name.padEnd(54)}worst ${seconds(worstOf(measured)).padStart(6)} s of ${measured.samplesMs.length} (promised ${measured.boundMs / 1000} s): ` +
  measured.samplesMs.map(seconds).join(' ');

/** Nothing fails here: the payer pays at one server, and the payee hears of it by a live event of the other one. */
async function payeeTold({ cluster }: Scene): Promise<number> {
  const [payer, payee] = [cluster.people[0]!, cluster.people[1]!];
  const listening = new AbortController();
  const response = await fetch(`${cluster.urls[1]!}/v1/events`, {
    headers: { cookie: payee.cookie },
    signal: AbortSignal.any([listening.signal, AbortSignal.timeout(WITHIN_MS)]),
  });
  try {
    const order = { key: cluster.newKey(), payer, payee, amount: 1n };
    const told = untilTold(response, (text) => text.includes(order.key) && text.includes('"state":"final"'));
    const startedAtMs = performance.now();
    const [answer] = await Promise.all([cluster.payments.askUntilSettled([cluster.urls[0]!], order), told]);
    const tookMs = performance.now() - startedAtMs;
    if (answer.kind !== 'answered' || answer.status !== 202)
      throw new Error(`Expected the payment to be accepted, got ${JSON.stringify(answer)}.`);
    return tookMs;
  } finally {
    listening.abort();
  }
}

/** Resolves with the first live event that is meant. */
async function untilTold(response: Response, isMeant: (event: string) => boolean): Promise<void> {
  if (response.status !== 200) throw new Error(`Expected live events, got ${response.status}.`);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body!) {
    const events = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
    rest = events.pop()!;
    if (events.some(isMeant)) return;
  }
  throw new Error('Expected the payee to be told of the payment, got the end of the live events.');
}

/** The replica that is killed answers a member again, who reads from the database. */
async function serverKilled({ cluster, random }: Scene): Promise<number> {
  const replica = random.pick(cluster.replicas);
  const startedAtMs = performance.now();
  await replica.kill();
  await pause(SUPERVISOR_MS);
  const started = replica.start();
  await until('the server to answer', () => isAnswering(replica.url, cluster.people[0]!), { withinMs: WITHIN_MS });
  const tookMs = performance.now() - startedAtMs;
  await started;
  return tookMs;
}

async function postgresKilled(scene: Scene): Promise<number> {
  const { cluster } = scene;
  const startedAtMs = performance.now();
  await cluster.postgres.kill();
  await pause(SUPERVISOR_MS);
  await cluster.postgres.start();
  await Promise.all(
    cluster.urls.map((url, index) =>
      until(`a payment at ${url}`, () => isPaying(scene, url, index), { withinMs: WITHIN_MS }),
    ),
  );
  return performance.now() - startedAtMs;
}

/** From the node's first answer until it knows the bytes of everything that was accepted while it was away. */
async function nodeAway(scene: Scene): Promise<number> {
  const { cluster } = scene;
  await cluster.node.kill();
  const keys = await payMany(scene, PAYMENTS);
  await pause(scene.awayMs);
  await cluster.node.start();
  return await timeUntilKnown(cluster, keys);
}

/** The node answers with a hash and forgets the bytes. Measured from the moment at which it works again. */
async function bytesForgotten(scene: Scene): Promise<number> {
  const { cluster, proxy } = scene;
  await proxy.set({ kind: 'swallow' });
  const keys = await payMany(scene, PAYMENTS);
  await until('everything to be swallowed', async () => {
    const { rows } = await cluster.owner.query("select from chain_outbox where state = 'signed' limit 1");
    return rows.length === 0 || undefined;
  });
  await proxy.set({ kind: 'none' });
  return await timeUntilKnown(cluster, keys);
}

/**
 * The key of a payer has signed beside the platform: its own payment with that nonce can never happen and must be returned. The
 * platform also goes into quarantine, which an operator ends afterwards.
 */
async function nonceUsedOutside(scene: Scene): Promise<number> {
  const { cluster, proxy, random } = scene;
  const payer = random.pick(cluster.people);
  await proxy.set({ kind: 'refuse' });
  const [blocked] = await payMany(scene, 1, payer);
  const intent = { kind: 'native', to: payer.address, amount: 0n } as const;
  const hash = await sendBeside(cluster.node.rpcUrl, { person: payer, intent });
  scene.allowForeign(hash);
  await pause(scene.awayMs);
  await proxy.set({ kind: 'none' });
  const startedAtMs = performance.now();
  await until('the blocked payment to be returned', () => hasState(cluster, blocked!, 'superseded'), {
    withinMs: WITHIN_MS,
  });
  const tookMs = performance.now() - startedAtMs;
  await decideOutside(scene, hexToBytes(hash));
  return tookMs;
}

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

async function isAnswering(url: string, person: Person): Promise<true | undefined> {
  try {
    const response = await fetch(`${url}/v1/me`, { headers: { cookie: person.cookie } });
    await response.arrayBuffer();
    return response.status === 200 || undefined;
  } catch {
    // Nobody listens yet.
    return undefined;
  }
}

async function isPaying(scene: Scene, url: string, index: number): Promise<true | undefined> {
  const { cluster } = scene;
  const order = { key: cluster.newKey(), payer: cluster.people[index]!, payee: cluster.people[index + 1]!, amount: 1n };
  const answer = await cluster.payments.ask(url, order);
  return (answer.kind === 'answered' && answer.status === 202) || undefined;
}

/** Resolves when all are accepted, to their keys. */
async function payMany({ cluster, random }: Scene, count: number, from?: Person): Promise<string[]> {
  const orders = Array.from({ length: count }, () => {
    const payer = from ?? random.pick(cluster.people);
    const payee = random.pick(cluster.people.filter((person) => person !== payer));
    return { key: cluster.newKey(), payer, payee, amount: 1n };
  });
  const answers = await Promise.all(orders.map((order) => cluster.payments.askUntilSettled(cluster.urls, order)));
  for (const answer of answers)
    if (answer.kind !== 'answered' || answer.status !== 202)
      throw new Error(`Expected every payment to be accepted, got ${JSON.stringify(answer)}.`);
  return orders.map(({ key }) => key);
}

async function timeUntilKnown(cluster: Cluster, keys: readonly string[]): Promise<number> {
  const startedAtMs = performance.now();
  const { rows } = await cluster.owner.query<{ hash: string }>(
    "select encode(hash, 'hex') as hash from chain_outbox where source_id = any($1::uuid[])",
    [keys],
  );
  const calls = rows.map(({ hash }, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'sym_getTransactionByHash',
    params: [`0x${hash}`],
  }));
  await until(
    'the node to know everything that is signed',
    async () => {
      const response = await fetch(cluster.node.rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(calls),
      });
      const answers = (await response.json()) as { result?: unknown }[];
      return answers.every(({ result }) => result !== null && result !== undefined) || undefined;
    },
    { withinMs: WITHIN_MS },
  );
  return performance.now() - startedAtMs;
}

async function hasState(cluster: Cluster, key: string, state: string): Promise<true | undefined> {
  const { rows } = await cluster.owner.query<{ state: string }>('select state from transfers where id = $1', [key]);
  return rows[0]?.state === state || undefined;
}
