/** A member who pays, in all the ways that people do: once, twice at a time, again after silence, too much, with a wrong PIN. */
import type { SimulatedMember } from '../platform.ts';
import { PIN } from '../setup.ts';
import type { Scene } from '../scene.ts';
import { expectRule } from '../violation.ts';
import { requestPayment } from './request-payment.ts';
import { isAccepted, type AskedPayment, type Reply } from './told.ts';

/** Refusals after which the same request may be told something else later. */
const PASSING = new Set([
  'service-busy',
  'outflow-stopped',
  'wallet-frozen',
  'idempotency-in-progress',
  'wallet-not-ready',
  'payee-not-ready',
]);
const WRONG_PIN = new TextEncoder().encode('000000');

/** Pays now and then until the world ends. */
export async function livePayer(world: Scene, member: SimulatedMember): Promise<void> {
  while (!world.isEnding) {
    await world.think(world.rules.thinkMs, `${member.name} thinks`);
    if (world.isEnding) return;
    await payOnce(world, member);
  }
}

export async function payOnce(world: Scene, member: SimulatedMember): Promise<void> {
  const { random } = world.surroundings.scheduler;
  const payee = random.pick(world.members.filter((each) => each !== member));
  const payment: AskedPayment = {
    key: world.newKey(),
    payer: member,
    payee,
    amount: world.newAmount(random.pick([10n, 1_000n, 100_000n, 900_000n])),
    replies: [],
    openCount: 0,
    isForbidden: false,
  };
  world.told.payments.push(payment);
  const way = random.below(40);
  if (way === 0) return await payOutOfRange(world, payment);
  if (way === 1) return await payWithWrongPin(world, payment);
  const twins = way < 8 ? random.between(2, 3) : 1;
  await Promise.all(Array.from({ length: twins }, () => insist(world, payment)));
  if (way === 9 && isAccepted(payment)) await payOtherAmount(world, payment);
}

/** Asks again under the same key until there is an answer. */
async function insist(world: Scene, payment: AskedPayment): Promise<void> {
  const { scheduler, outside } = world.surroundings;
  for (;;) {
    const reply = await tryOnce(world, payment, { amount: payment.amount, pin: PIN });
    if (reply.kind === 'answer') return;
    expectRule(
      reply.kind !== 'refused' || reply.code !== 'idempotency-key-reused',
      'INV-09',
      () => `${payment.key} was asked for again with the same body and refused`,
    );
    const isOver = reply.kind === 'refused' && !PASSING.has(reply.code);
    if (isOver) return;
    // Some walk away; what they were told last was "we are checking".
    if (reply.kind !== 'refused' && scheduler.random.oneIn(10)) return;
    if (reply.kind === 'refused' && (world.isEnding || scheduler.random.oneIn(3))) return;
    await scheduler.sleep(scheduler.latency(500), outside, `${payment.payer.name} waits`);
  }
}

async function tryOnce(
  world: Scene,
  payment: AskedPayment,
  input: { amount: bigint; pin: Uint8Array },
): Promise<Reply> {
  payment.openCount++;
  const { key, payer, payee } = payment;
  const order = { payeeId: payer.payeeIds.get(payee.id)!, maskedName: payee.maskedName };
  const reply = await world.network.ask(`pay ${key.slice(-12)} ${input.amount}`, (deps) =>
    requestPayment(deps, { key, payer, ...order, ...input, symbol: world.platform.token.symbol }),
  );
  if (input.amount === payment.amount) payment.replies.push(reply);
  // Nobody knows what a request that got no answer is still about to do.
  if (reply.kind === 'answer' || reply.kind === 'refused') payment.openCount--;
  if (reply.kind === 'answer' && input.amount === payment.amount) {
    const first = payment.replies.find((each) => each.kind === 'answer');
    expectRule(first?.kind !== 'answer' || first.text === reply.text, 'INV-09', () => `two answers for ${payment.key}`);
  }
  return reply;
}

async function payOutOfRange(world: Scene, payment: AskedPayment): Promise<void> {
  payment.isForbidden = true;
  payment.amount = world.surroundings.scheduler.random.pick([0n, -payment.amount, 2n ** 256n, 10n ** 78n]);
  const reply = await tryOnce(world, payment, { amount: payment.amount, pin: PIN });
  expectRule(reply.kind !== 'answer', 'INV-21', () => `accepted an amount of ${payment.amount}`);
}

async function payWithWrongPin(world: Scene, payment: AskedPayment): Promise<void> {
  payment.isForbidden = true;
  const reply = await tryOnce(world, payment, { amount: payment.amount, pin: WRONG_PIN });
  expectRule(reply.kind !== 'answer', 'INV-15', () => `accepted a wrong PIN for ${payment.key}`);
}

/** The key belongs to another body: refused, whatever else. */
async function payOtherAmount(world: Scene, payment: AskedPayment): Promise<void> {
  const reply = await tryOnce(world, payment, { amount: payment.amount + 1n, pin: PIN });
  expectRule(reply.kind !== 'answer', 'INV-09', () => `accepted another body under ${payment.key}`);
  if (reply.kind === 'refused')
    expectRule(
      reply.code === 'idempotency-key-reused' || PASSING.has(reply.code),
      'INV-09',
      () => `another body was refused with ${reply.code}`,
    );
}
