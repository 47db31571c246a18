/**
 * A member who charges: asks for a deposit code, pays in at the bank, and the bank tells of it, more than once where it likes.
 * Now and then a notice tells of more than the bank has.
 */
import { createHash } from 'node:crypto';
import { receiveNotice } from '../../../apps/server/src/charges/receive-notice.ts';
import { requestCharge } from '../../../apps/server/src/charges/request-charge.ts';
import type { BankDeposit } from '../../../apps/server/src/deps.ts';
import { SIGNATURE } from '../bank.ts';
import type { SimulatedMember } from '../platform.ts';
import type { Scene } from '../scene.ts';
import { expectRule } from '../violation.ts';
import type { AskedCharge, Reply } from './told.ts';

/** Charges now and then until the world ends. */
export async function liveCharger(world: Scene, member: SimulatedMember): Promise<void> {
  while (!world.isEnding) {
    await world.think(world.rules.thinkMs * 10, `${member.name} thinks of money`);
    if (world.isEnding) return;
    await chargeOnce(world, member);
  }
}

async function chargeOnce(world: Scene, member: SimulatedMember): Promise<void> {
  const { random } = world.surroundings.scheduler;
  const charge: AskedCharge = { key: world.newKey(), member, amountWon: world.newAmount(1_000n), replies: [] };
  world.told.charges.push(charge);
  const body = { amountWon: charge.amountWon, token: world.platform.token.symbol };
  const bodyHash = createHash('sha256').update(String(charge.amountWon)).digest();
  const idempotency = { route: 'requestCharge' as const, actor: `member:${member.id}`, key: charge.key, bodyHash };
  const reply = await untilTold(world, () =>
    world.network.ask(`charge ${charge.amountWon}`, async (deps) => {
      const answer = await requestCharge(deps, { memberId: member.id, idempotency, order: body });
      return answer.text;
    }),
  );
  charge.replies.push(reply);
  if (reply.kind !== 'answer') return;
  const { depositCode } = JSON.parse(reply.text) as { depositCode: string };
  if (random.oneIn(8)) await payInLess(world, { charge, depositCode });
  else await payIn(world, { charge, depositCode });
}

async function payIn(world: Scene, { charge, depositCode }: Asked): Promise<void> {
  const { scheduler } = world.surroundings;
  const deposit = await bringToBank(world, { charge, depositCode, amountWon: charge.amountWon });
  if (scheduler.random.oneIn(8)) await tell(world, { ...deposit, amountWon: deposit.amountWon + 1n });
  const copies = scheduler.random.oneIn(4) ? 2 : 1;
  await Promise.all(Array.from({ length: copies }, () => untilTold(world, () => tell(world, deposit))));
  if (scheduler.random.oneIn(4)) await untilTold(world, () => tell(world, deposit));
}

/** Less than the charge is for, and a notice says that it is all of it: the member gets nothing for that (INV-19). */
async function payInLess(world: Scene, { charge, depositCode }: Asked): Promise<void> {
  const { scheduler, outside } = world.surroundings;
  const deposit = await bringToBank(world, { charge, depositCode, amountWon: charge.amountWon - 1n });
  for (;;) {
    const reply = await tell(world, { ...deposit, amountWon: charge.amountWon });
    expectRule(
      reply.kind !== 'answer',
      'INV-19',
      () => `the bank has ${deposit.amountWon}, and a notice of ${charge.amountWon} was believed`,
    );
    if (reply.kind === 'refused' && reply.code === 'request-invalid') return;
    await scheduler.sleep(scheduler.latency(800), outside, 'tells again');
  }
}

interface Asked {
  charge: AskedCharge;
  depositCode: string;
}

async function bringToBank(
  world: Scene,
  { charge, depositCode, amountWon }: Asked & { amountWon: bigint },
): Promise<BankDeposit> {
  const { scheduler, outside, bank, config } = world.surroundings;
  await scheduler.sleep(scheduler.latency(1_000), outside, 'on the way to the bank');
  const deposit: BankDeposit = {
    bankRef: `ref-${charge.amountWon}`,
    accountNumber: config.bank.accountNumber,
    depositorName: depositCode,
    amountWon,
    depositedAt: new Date(scheduler.nowMs).toISOString(),
  };
  bank.deposits.set(deposit.bankRef, deposit);
  return deposit;
}

const tell = (world: Scene, notice: BankDeposit): Promise<Reply> =>
  world.network.ask(`notice ${notice.amountWon}`, async (deps) => {
    await receiveNotice(deps, { rawBody: new Uint8Array(1), signature: SIGNATURE, notice });
    return '204';
  });

/** Again and again, as a bank does. */
async function untilTold(world: Scene, ask: () => Promise<Reply>): Promise<Reply> {
  const { scheduler, outside } = world.surroundings;
  for (;;) {
    const reply = await ask();
    if (reply.kind === 'answer') return reply;
    if (
      reply.kind === 'refused' &&
      !['service-busy', 'request-invalid', 'idempotency-in-progress'].includes(reply.code)
    )
      return reply;
    await scheduler.sleep(scheduler.latency(800), outside, 'asks again');
  }
}
