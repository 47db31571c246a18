/** A member who charges: asks for a deposit code, pays in at the bank, and the bank tells of it, more than once where it likes. */
import { createHash } from 'node:crypto';
import { receiveNotice } from '../../../apps/server/src/charges/receive-notice.ts';
import { requestCharge } from '../../../apps/server/src/charges/request-charge.ts';
import type { BankDeposit } from '../../../apps/server/src/deps.ts';
import { SIGNATURE } from '../bank.ts';
import type { SimulatedMember } from '../platform.ts';
import type { Scene } from '../scene.ts';
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
  await payIn(world, { charge, depositCode });
}

async function payIn(world: Scene, input: { charge: AskedCharge; depositCode: string }): Promise<void> {
  const { scheduler, outside, bank, config } = world.surroundings;
  await scheduler.sleep(scheduler.latency(1_000), outside, 'on the way to the bank');
  const deposit: BankDeposit = {
    bankRef: `ref-${input.charge.amountWon}`,
    accountNumber: config.bank.accountNumber,
    depositorName: input.depositCode,
    amountWon: input.charge.amountWon,
    depositedAt: new Date(scheduler.nowMs).toISOString(),
  };
  bank.deposits.set(deposit.bankRef, deposit);
  const tell = (amountWon: bigint) =>
    world.network.ask(`notice ${deposit.amountWon}`, async (deps) => {
      const notice = { ...deposit, amountWon };
      await receiveNotice(deps, { rawBody: new Uint8Array(1), signature: SIGNATURE, notice });
      return '204';
    });
  if (scheduler.random.oneIn(8)) await tell(deposit.amountWon + 1n);
  const copies = scheduler.random.oneIn(4) ? 2 : 1;
  await Promise.all(Array.from({ length: copies }, () => untilTold(world, () => tell(deposit.amountWon))));
  if (scheduler.random.oneIn(4)) await untilTold(world, () => tell(deposit.amountWon));
}

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
