/** Half of what the node answers is lost, for minutes, after the node has acted: nothing happens twice and nothing is forgotten. */
import { startCluster } from '../../cluster/cluster.ts';
import { codeOf, type Answer } from '../../cluster/payments.ts';
import { Random } from '../../fuzz/random.ts';
import { startNodeProxy } from '../proxy/node-proxy.ts';
import { checkerOf, expectSound } from '../races/expect-sound.ts';
import type { Scenario } from '../scenario.ts';

const MINUTES = 10;
const LOST_PERCENT = 50;
const REPLICAS = 2;
/** Five payments a second: with 24 people no wallet reaches its day's budget of gas in ten minutes. */
const PAUSE_MS = 200;
const PEOPLE = 24;
const DRAINED_WITHIN_MS = 60_000;
const TELL_EVERY_MS = 60_000;

export interface LostAnswersResult {
  readonly accepted: number;
  /** Answers of the node that never came back. */
  readonly lost: number;
  /** From the end of the faults until everything had ended. */
  readonly drainedMs: number;
}

/** Throws where the checker finds anything, or where not everything has ended a minute after answers come again. */
export async function runLostAnswers(options: {
  seed: string;
  forMs: number;
  tell: (line: string) => void;
}): Promise<LostAnswersResult> {
  const { seed, forMs, tell } = options;
  const random = new Random(seed, 0);
  let proxy: Awaited<ReturnType<typeof startNodeProxy>> | undefined;
  const cluster = await startCluster({
    replicas: REPLICAS,
    people: PEOPLE,
    blockMs: 1_000,
    async route(direct) {
      proxy ??= await startNodeProxy(direct.nodeUrl, new Random(seed, 1));
      return { ...direct, nodeUrl: proxy.url };
    },
  });
  try {
    const checker = checkerOf(cluster);
    const { payments, people, urls } = cluster;
    await proxy!.set({ kind: 'lose-answer', percent: LOST_PERCENT });
    const startedAtMs = performance.now();
    const running: Promise<Answer>[] = [];
    for (let toldAtMs = startedAtMs; performance.now() - startedAtMs < forMs;) {
      const payer = random.pick(people);
      const payee = random.pick(people.filter((person) => person !== payer));
      const first = random.below(REPLICAS);
      const order = { key: cluster.newKey(), payer, payee, amount: BigInt(1 + random.below(1_000)) };
      running.push(payments.askUntilSettled([urls[first]!, urls[1 - first]!], order));
      if (performance.now() - toldAtMs > TELL_EVERY_MS) {
        toldAtMs = performance.now();
        await expectSound(cluster, checker, { isDrained: false });
        tell(
          `${payments.acceptedKeys().size} payments accepted, ${proxy!.struck.get('lose-answer') ?? 0} answers lost so far`,
        );
      }
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
    await Promise.all(running);
    const lost = proxy!.struck.get('lose-answer') ?? 0;
    await proxy!.set({ kind: 'none' });
    const healedAtMs = performance.now();
    await cluster.untilDrained(DRAINED_WITHIN_MS);
    const drainedMs = performance.now() - healedAtMs;
    await expectSound(cluster, checker, { isDrained: true });
    const accepted = payments.acceptedKeys().size;
    if (accepted !== running.length) {
      throw new Error(
        `Expected ${running.length} payments to be accepted, got ${accepted}; the others: ${otherAnswers(await Promise.all(running))}.`,
      );
    }
    return { accepted, lost, drainedMs };
  } finally {
    await cluster.stop();
    await proxy?.stop();
  }
}

/** What settled those that were not accepted: each kind of answer and how often. */
function otherAnswers(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    if (answer.kind === 'answered' && answer.status === 202) continue;
    const told = answer.kind === 'none' ? answer.cause : `${answer.status} ${codeOf(answer.text) || answer.text}`;
    counts.set(told, (counts.get(told) ?? 0) + 1);
  }
  return [...counts].map(([told, count]) => `${count} × ${told}`).join('; ');
}

export const lostAnswersScenario: Scenario = {
  explains: `${LOST_PERCENT} % of the node's answers are lost after the node has acted, for --minutes (${MINUTES}), under a steady load on
            ${REPLICAS} servers: 0 double, 0 lost, drained within ${DRAINED_WITHIN_MS / 1000} s afterwards`,
  async run({ seed, minutes = MINUTES, tell }) {
    const result = await runLostAnswers({ seed, forMs: minutes * 60_000, tell });
    tell(
      `\n${minutes} minutes: ${result.accepted} payments accepted, ${result.lost} answers lost, 0 double, 0 lost, ` +
        `drained ${(result.drainedMs / 1000).toFixed(1)} s after the answers came again.`,
    );
  },
};
