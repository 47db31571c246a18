/** Two hundred payments of the whole balance, at once, at four servers: exactly one is accepted. */
import { startCluster, type Cluster } from '../../cluster/cluster.ts';
import { codeOf, type Answer } from '../../cluster/payments.ts';
import type { Person } from '../../cluster/people.ts';
import { Random } from '../../fuzz/random.ts';
import type { Scenario } from '../scenario.ts';
import { countsOf } from './count.ts';
import { checkerOf, expectSound, failuresLogged } from './expect-sound.ts';

const ROUNDS = 100;
const PAYMENTS = 200;
const REPLICAS = 4;
const TELL_EVERY = 10;

export interface OverspendResult {
  readonly rounds: number;
  readonly answers: string;
}

/** Throws where not exactly one payment of a round is accepted, where another is not refused for its balance, or the checker finds anything. */
export async function runOverspend(options: {
  seed: string;
  rounds: number;
  payments: number;
  tell: (line: string) => void;
}): Promise<OverspendResult> {
  const random = new Random(options.seed, 0);
  const cluster = await startCluster({ replicas: REPLICAS, people: 8 });
  try {
    const checker = checkerOf(cluster);
    let payer = random.pick(cluster.people);
    for (let round = 0; round < options.rounds; round++) {
      const amount = await availableOf(cluster, payer);
      const others = cluster.people.filter((person) => person !== payer);
      const orders = Array.from({ length: options.payments }, () => ({
        key: cluster.newKey(),
        payer,
        payee: random.pick(others),
        amount,
      }));
      const ends = await Promise.all(
        orders.map(async (order, index) => ({
          order,
          kind: kindOf(await cluster.payments.askUntilSettled(turned(cluster.urls, index), order)),
        })),
      );
      const won = ends.filter(({ kind }) => kind === '202');
      const lost = ends.filter(({ kind }) => kind === '422 balance-too-low');
      if (won.length !== 1 || won.length + lost.length !== options.payments)
        throw new Error(
          `Round ${round + 1}: expected one 202 and otherwise 422 balance-too-low, got ${countsOf(ends.map(({ kind }) => kind))}. ${failuresLogged(cluster)}`,
        );
      await expectSound(cluster, checker, { isDrained: true });
      // Who was paid has the most now, and pays next.
      payer = won[0]!.order.payee;
      if ((round + 1) % TELL_EVERY === 0)
        options.tell(`round ${round + 1}: one of ${options.payments} wins in each so far`);
    }
    return { rounds: options.rounds, answers: countsOf(cluster.payments.answers.map(({ answer }) => kindOf(answer))) };
  } finally {
    await cluster.stop();
  }
}

const turned = (urls: readonly string[], by: number): string[] => [
  ...urls.slice(by % urls.length),
  ...urls.slice(0, by % urls.length),
];

async function availableOf(cluster: Cluster, person: Person): Promise<bigint> {
  const { rows } = await cluster.owner.query<{ available: string }>(
    'select available from balances where wallet_id = $1',
    [person.walletId],
  );
  return BigInt(rows[0]!.available);
}

const kindOf = (answer: Answer): string =>
  answer.kind === 'none' ? 'no answer' : answer.status === 202 ? '202' : `${answer.status} ${codeOf(answer.text)}`;

export const overspendScenario: Scenario = {
  explains: `${PAYMENTS} payments of the whole balance at once, at ${REPLICAS} servers, --rounds times (${ROUNDS}): exactly one wins each`,
  async run({ seed, rounds = ROUNDS, tell }) {
    const result = await runOverspend({ seed, rounds, payments: PAYMENTS, tell });
    tell(`\n${result.rounds} rounds, exactly one payment in each. All answers: ${result.answers}`);
  },
};
