/** A thousand requests with one key, at once, at four servers: one effect, and the same bytes for all of them. */
import { startCluster } from '../../cluster/cluster.ts';
import { codeOf, type Answer } from '../../cluster/payments.ts';
import { Random } from '../../fuzz/random.ts';
import type { Scenario } from '../scenario.ts';
import { countsOf } from './count.ts';
import { checkerOf, expectSound, failuresLogged } from './expect-sound.ts';

const ROUNDS = 20;
const TWINS = 1_000;
const REPLICAS = 4;
const WON = 10n ** 18n;

export interface TwinsResult {
  readonly rounds: number;
  /** Answers of all rounds, the first and the repeated ones, by status. */
  readonly answers: string;
}

/** Throws where two answers of a key differ, where one does not end with 202, or where the checker finds anything. */
export async function runTwins(options: {
  seed: string;
  rounds: number;
  twins: number;
  tell: (line: string) => void;
}): Promise<TwinsResult> {
  const random = new Random(options.seed, 0);
  const cluster = await startCluster({ replicas: REPLICAS, people: 8 });
  try {
    const checker = checkerOf(cluster);
    for (let round = 0; round < options.rounds; round++) {
      const payer = random.pick(cluster.people);
      const payee = random.pick(cluster.people.filter((person) => person !== payer));
      const order = { key: cluster.newKey(), payer, payee, amount: BigInt(1 + random.below(100)) * WON };
      const before = cluster.payments.answers.length;
      const startedAtMs = performance.now();
      const ends = await Promise.all(
        Array.from({ length: options.twins }, (_, index) => {
          const first = index % REPLICAS;
          const urls = [...cluster.urls.slice(first), ...cluster.urls.slice(0, first)];
          return cluster.payments.askUntilSettled(urls, order);
        }),
      );
      const kinds = new Set(ends.map(kindOf));
      if (kinds.size !== 1 || ![...kinds][0]!.startsWith('202 '))
        throw new Error(
          `Expected one answer with 202 for the key ${order.key}, got ${kinds.size}: ${[...kinds].slice(0, 5).join('\n')}\n${failuresLogged(cluster)}`,
        );
      await expectSound(cluster, checker, { isDrained: true });
      const answers = cluster.payments.answers.slice(before);
      options.tell(
        `round ${round + 1}: ${options.twins} twins, ${countsOf(answers.map(({ answer }) => shortOf(answer)))}, ` +
          `1 effect, ${ends.length} equal answers in ${Math.round(performance.now() - startedAtMs)} ms`,
      );
    }
    return { rounds: options.rounds, answers: countsOf(cluster.payments.answers.map(({ answer }) => shortOf(answer))) };
  } finally {
    await cluster.stop();
  }
}

const kindOf = (answer: Answer): string =>
  answer.kind === 'answered' ? `${answer.status} ${answer.text}` : `no answer: ${answer.cause}`;

const shortOf = (answer: Answer): string =>
  answer.kind === 'none' ? 'no answer' : answer.status === 202 ? '202' : `${answer.status} ${codeOf(answer.text)}`;

export const twinsScenario: Scenario = {
  explains: `${TWINS} requests with one key at once, at ${REPLICAS} servers, --rounds times (${ROUNDS}): one effect, the same bytes for all`,
  async run({ seed, rounds = ROUNDS, tell }) {
    const result = await runTwins({ seed, rounds, twins: TWINS, tell });
    tell(`\n${result.rounds} rounds, each with one effect and ${TWINS} equal answers. All answers: ${result.answers}`);
  },
};
