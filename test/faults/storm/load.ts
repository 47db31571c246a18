/** What people do during a cycle: they pay, some twice with one key, some log in. Who and how much comes from the seed. */
import { createApiClient } from '@jigeum/api';
import { systemClock } from '@jigeum/std';
import type { Answer, PaymentOrder } from '../../cluster/payments.ts';
import type { Person } from '../../cluster/people.ts';
import type { Random } from '../../fuzz/random.ts';
import type { StormWorld } from './world.ts';

export interface LoadResult {
  /** Accepted in the end. */
  readonly accepted: number;
  /** Why each of the others was refused, with the money where it was. */
  readonly refusals: readonly string[];
}

/** EST has 18 decimals. */
const WON = 10n ** 18n;
const AMOUNT_MAX_WON = 500;
/** Refusals of a payment that are right in a storm: not enough money, and the token paused by the operator. */
const RIGHT_REFUSALS = new Set([
  'balance-too-low',
  'token-paused',
  'service-busy',
  'payee-not-ready',
  'outflow-stopped',
]);
const SETTLED_WITHIN_MS = 90_000;

/** Pays `count` times at once, out of the wallets of so many `payers`. Throws for an answer that a sound server does not give, and where no answer ever comes. */
export async function payAround(
  world: StormWorld,
  random: Random,
  { count, payers = world.payers.length }: { count: number; payers?: number | undefined },
): Promise<LoadResult> {
  const first = random.below(world.payers.length);
  const chosen = Array.from({ length: payers }, (_, index) => world.payers[(first + index) % world.payers.length]!);
  const orders = Array.from({ length: count }, () => orderOf(world, chosen, random));
  const urls = world.cluster.urls;
  const tasks = orders.flatMap((order) => {
    const at = random.below(urls.length);
    const turned = [...urls.slice(at), ...urls.slice(0, at)];
    const once = { order, urls: turned };
    // F59: the same request at two replicas at once.
    return random.oneIn(4) ? [once, { order, urls: turned.toReversed() }] : [once];
  });
  const answers = await Promise.all(
    tasks.map(async ({ order, urls: each }) => ({
      key: order.key,
      answer: await askUntilCertain(world, each, order),
    })),
  );
  // Of a payment that was asked for at two replicas, one may have been told to come again.
  const codes = new Map<string, string | null>();
  for (const { key, answer } of answers) {
    const code = refusalOf(answer);
    if (code === null || !codes.has(key)) codes.set(key, code);
  }
  const refusals = [...codes.values()].filter((code) => code !== null);
  return { accepted: codes.size - refusals.length, refusals };
}

/** A fault inside the server leaves a doubt, as no answer does: the same key is asked for again. */
async function askUntilCertain(world: StormWorld, urls: readonly string[], order: PaymentOrder): Promise<Answer> {
  const deadlineMs = systemClock.monotonicMs() + SETTLED_WITHIN_MS;
  for (;;) {
    const leftMs = deadlineMs - systemClock.monotonicMs();
    const answer = await world.cluster.payments.askUntilSettled(urls, order, Math.max(1, leftMs));
    if (answer.kind === 'answered' && answer.status !== 500) return answer;
    if (leftMs < 0) return answer;
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** A machine that is busy with everything else derives a key slowly. */
const LOG_IN_MS = 30_000;

/** Logs people in, so that keys are derived, and says who they were. A server that ends meanwhile answers nothing: that is what is tested. */
export async function logInAround(world: StormWorld, random: Random, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, () => random.pick(world.careless));
  await Promise.allSettled(people.map((person) => logIn(random.pick(world.cluster.urls), person)));
  return people;
}

/** A try that a crash has used up is given back by the next that is right. Throws where somebody cannot log in. */
export async function logInAgain(world: StormWorld, people: readonly Person[]): Promise<void> {
  for (const person of new Set(people)) await logIn(world.cluster.urls[0]!, person);
}

async function logIn(url: string, person: Person): Promise<void> {
  const passphrase = new TextEncoder().encode(person.passphrase);
  await createApiClient({ baseUrl: url, timeoutMs: LOG_IN_MS }).call('login', {
    body: { memberId: person.memberId },
    secrets: { passphrase },
  });
}

function orderOf(world: StormWorld, payers: readonly Person[], random: Random): PaymentOrder {
  const payer = random.pick(payers);
  const others = world.payers.filter((person) => person !== payer);
  return {
    key: world.cluster.newKey(),
    payer,
    payee: random.pick(others),
    amount: BigInt(random.between(1, AMOUNT_MAX_WON)) * WON,
  };
}

/** The code of a refusal that is right here; null for an accepted payment. */
function refusalOf(answer: Answer): string | null {
  if (answer.kind === 'none') throw new Error(`Expected an answer in the end, got none: ${answer.cause}`);
  if (answer.status === 202) return null;
  const { code } = JSON.parse(answer.text) as { code?: string };
  if (code !== undefined && RIGHT_REFUSALS.has(code)) return code;
  throw new Error(
    `Expected a payment to be accepted or refused for a good reason, got ${answer.status}: ${answer.text}`,
  );
}
