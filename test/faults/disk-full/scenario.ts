/** F27: the disk of the database, or of its write-ahead log alone, is full under load, and has space again some seconds later. */
import { join } from 'node:path';
import { startCluster, type Cluster } from '../../cluster/cluster.ts';
import type { Answer, PaymentOrder } from '../../cluster/payments.ts';
import { until } from '../../cluster/until.ts';
import { Random } from '../../fuzz/random.ts';
import { checkerOf, expectSound } from '../races/expect-sound.ts';
import type { Scenario } from '../scenario.ts';
import { moveToSmallDisk, type SmallDisk } from './small-disk.ts';

const ROUNDS = 5;
const PEOPLE = 24;
const SIZE_MIB = 384;
/** The promise of the design: serving so long after there is space. */
const BACK_WITHIN_MS = 30_000;
const FULL_WITHIN_MS = 60_000;
/** So many payments meet a full disk before there is space again. */
const HINDERED = 10;
const AT_ONCE = 8;
const WON = 10n ** 18n;
/** What lies on the small disk. */
export const PLACES = ['the database', 'the write-ahead log'] as const;

export interface DiskFullResult {
  readonly accepted: number;
  /** What was answered while there was no space, and how often. */
  readonly answers: ReadonlyMap<string, number>;
  /** The longest time from space to payments at every server. */
  readonly backMs: number;
}

/** Fills the disk so many times. Throws where an accepted payment is lost, or the platform is not back in time. */
export async function runDiskFull(options: {
  seed: string;
  rounds: number;
  place: (typeof PLACES)[number];
  tell: (line: string) => void;
}): Promise<DiskFullResult> {
  const { seed, rounds, place, tell } = options;
  const random = new Random(`${seed} ${place}`, 0);
  const cluster = await startCluster({ replicas: 2, people: PEOPLE });
  let disk: SmallDisk | undefined;
  try {
    await cluster.postgres.stop();
    const dataDir = cluster.folder.file('postgres');
    disk = await moveToSmallDisk(place === 'the database' ? dataDir : join(dataDir, 'pg_wal'), SIZE_MIB);
    await cluster.postgres.start();
    const checker = checkerOf(cluster);
    await letEachPayTheNext(cluster);
    const answers = new Map<string, number>();
    let backMs = 0;
    for (let round = 0; round < rounds; round++) {
      const tookMs = await fillAndRelease({ cluster, disk, random, answers, place });
      backMs = Math.max(backMs, tookMs);
      await expectSound(cluster, checker, { isDrained: true });
      tell(`${place} full, round ${round + 1}: paying again ${(tookMs / 1000).toFixed(1)} s after there was space`);
    }
    return { accepted: cluster.payments.acceptedKeys().size, answers, backMs };
  } finally {
    await cluster.postgres.stop();
    await disk?.unmount();
    await cluster.stop();
  }
}

interface Scene {
  readonly cluster: Cluster;
  readonly disk: SmallDisk;
  readonly random: Random;
  readonly answers: Map<string, number>;
  readonly place: (typeof PLACES)[number];
}

/** Resolves to the time that it took to pay again. */
async function fillAndRelease(scene: Scene): Promise<number> {
  const { cluster, disk, answers, place } = scene;
  const orders: PaymentOrder[] = [];
  let hindered = 0;
  disk.fill();
  const fullAtMs = performance.now();
  while (hindered < HINDERED) {
    if (performance.now() - fullAtMs > FULL_WITHIN_MS)
      throw new Error(`Expected payments to meet a full disk within ${FULL_WITHIN_MS / 1000} s, none did.`);
    // Segments that are there already are used up; what is left of the space goes with them.
    if (place === 'the write-ahead log') await cluster.owner.query('select pg_switch_wal()').catch(() => undefined);
    const asked = Array.from({ length: AT_ONCE }, () => orderOf(scene));
    orders.push(...asked);
    const told = await Promise.all(asked.map((order, index) => askOnce(cluster, order, index)));
    for (const answer of told) {
      const text = nameOf(answer);
      answers.set(text, (answers.get(text) ?? 0) + 1);
      if (!isAccepted(answer)) hindered++;
    }
    disk.fill();
  }
  disk.release();
  const freeAtMs = performance.now();
  // PostgreSQL may have ended, as it does where its log cannot be written; a supervisor starts it again.
  await cluster.postgres.start();
  await Promise.all(
    cluster.urls.map((url) =>
      until(`a payment at ${url} after there was space`, () => isPaying(scene, url), { withinMs: BACK_WITHIN_MS }),
    ),
  );
  const tookMs = performance.now() - freeAtMs;
  // What was left in doubt is asked for again, with its key.
  const settled = await Promise.all(
    orders.map((order) => until(`a payment to be settled`, () => settle(cluster, order))),
  );
  const bad = settled.filter((answer) => !isAccepted(answer));
  if (bad.length > 0) throw new Error(`Expected every payment to be accepted in the end, got ${nameOf(bad[0]!)}.`);
  return tookMs;
}

const askOnce = (cluster: Cluster, order: PaymentOrder, index: number): Promise<Answer> =>
  cluster.payments.ask(cluster.urls[index % cluster.urls.length]!, order);

async function settle(cluster: Cluster, order: PaymentOrder): Promise<Answer | undefined> {
  const answer = await cluster.payments.askUntilSettled(cluster.urls, order);
  return answer.kind === 'answered' && answer.status !== 500 ? answer : undefined;
}

async function isPaying(scene: Scene, url: string): Promise<true | undefined> {
  return isAccepted(await scene.cluster.payments.ask(url, orderOf(scene))) ? true : undefined;
}

/** Who may pay whom is written while there is space: what is asked later are payments and nothing else. */
async function letEachPayTheNext(cluster: Cluster): Promise<void> {
  const payees = cluster.people.keys().map((index) => orderBy(cluster, index, WON));
  const told = await Promise.all([...payees].map((order) => cluster.payments.askUntilSettled(cluster.urls, order)));
  const bad = told.find((answer) => !isAccepted(answer));
  if (bad !== undefined)
    throw new Error(`Expected a payment before the disk is full to be accepted, got ${nameOf(bad)}.`);
}

function orderBy(cluster: Cluster, index: number, amount: bigint): PaymentOrder {
  const { people } = cluster;
  return { key: cluster.newKey(), payer: people[index]!, payee: people[(index + 1) % people.length]!, amount };
}

const orderOf = ({ cluster, random }: Scene): PaymentOrder =>
  orderBy(cluster, random.below(cluster.people.length), BigInt(random.between(1, 100)) * WON);

const isAccepted = (answer: Answer): boolean => answer.kind === 'answered' && answer.status === 202;

/** `202`, `503 internal`, `no answer`. */
function nameOf(answer: Answer): string {
  if (answer.kind === 'none') return 'no answer';
  const { code } = JSON.parse(answer.text) as { code?: string };
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
}

export const diskFullScenario: Scenario = {
  explains: `the disk of the database, then of its log alone, is full --rounds times (${ROUNDS}) under load: nothing accepted is lost,
            paying within ${BACK_WITHIN_MS / 1000} s after there is space. Mounts a disk in memory, so it runs as root only`,
  async run({ seed, rounds = ROUNDS, tell }) {
    for (const place of PLACES) {
      const { accepted, answers, backMs } = await runDiskFull({ seed, rounds, place, tell });
      const told = [...answers].map(([name, count]) => `${name} ×${count}`).join(', ');
      tell(
        `${place} full ${rounds} times: ${accepted} payments accepted, none lost; worst ${(backMs / 1000).toFixed(1)} s. While full: ${told}`,
      );
    }
  },
};
