/** An operator who freezes a member's wallet now and then, and lets it go again. */
import { createHash } from 'node:crypto';
import { liftStop, stopOutflow } from '../../../apps/server/src/protection/stop-outflow.ts';
import type { Scene } from '../scene.ts';
import type { Reply } from './told.ts';

/** Acts until the world ends; no wallet is left frozen. */
export async function liveFreezer(world: Scene): Promise<void> {
  const { scheduler } = world.surroundings;
  while (!world.isEnding) {
    await world.think(world.rules.thinkMs * 20, 'a report of fraud');
    if (world.isEnding) return;
    await freezeOnce(world, scheduler.random.pick(world.members).walletId);
  }
}

async function freezeOnce(world: Scene, walletId: string): Promise<void> {
  const { scheduler, outside } = world.surroundings;
  const stopped = await insist(world, `freeze ${walletId.slice(-6)}`, async (deps, key) => {
    const idempotency = { route: 'operatorStopOutflow' as const, actor: 'operator', key, bodyHash: bodyHash(walletId) };
    const order = { scope: 'wallet', wallet: walletId, reason: 'simulation' } as const;
    return (await stopOutflow(deps, { idempotency, order })).text;
  });
  if (stopped.kind !== 'answer') return;
  const freeze = { walletId, fromMs: scheduler.nowMs, untilMs: Number.MAX_SAFE_INTEGER };
  world.told.freezes.push(freeze);
  await scheduler.sleep(scheduler.latency(2_000), outside, 'a frozen wallet');
  freeze.untilMs = scheduler.nowMs;
  const { stopId } = JSON.parse(stopped.text) as { stopId: string };
  await insist(world, `thaw ${walletId.slice(-6)}`, async (deps, key) => {
    const idempotency = { route: 'operatorLiftStop' as const, actor: 'operator', key, bodyHash: bodyHash(stopId) };
    return (await liftStop(deps, { idempotency, stopId, reason: 'simulation' })).text;
  });
}

const bodyHash = (text: string): Buffer => createHash('sha256').update(text).digest();

async function insist(
  world: Scene,
  what: string,
  work: (deps: Parameters<Parameters<Scene['network']['ask']>[1]>[0], key: string) => Promise<string>,
): Promise<Reply> {
  const { scheduler, outside } = world.surroundings;
  const key = world.newKey();
  for (;;) {
    const reply = await world.network.ask(what, (deps) => work(deps, key));
    if (reply.kind === 'answer') return reply;
    if (reply.kind === 'refused' && reply.code !== 'service-busy') return reply;
    await scheduler.sleep(scheduler.latency(300), outside, 'asks again');
  }
}
