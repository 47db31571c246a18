/** An operator who freezes a member's wallet now and then, or stops the whole platform, and lets it go again. */
import { createHash } from 'node:crypto';
import { liftStop, stopOutflow } from '../../../apps/server/src/protection/stop-outflow.ts';
import type { Scene } from '../scene.ts';
import type { Reply } from './told.ts';

/** Acts until the world ends; nothing is left stopped. */
export async function liveStopper(world: Scene): Promise<void> {
  const { random } = world.surroundings.scheduler;
  while (!world.isEnding) {
    await world.think(world.rules.thinkMs * 20, 'a report of fraud');
    if (world.isEnding) return;
    await stopOnce(world, random.oneIn(4) ? null : random.pick(world.members).walletId);
  }
}

/** `walletId`: null stops all. */
async function stopOnce(world: Scene, walletId: string | null): Promise<void> {
  const { scheduler, outside } = world.surroundings;
  const subject = walletId ?? 'the platform';
  const reason = 'simulation';
  const order =
    walletId === null
      ? ({ scope: 'platform', reason } as const)
      : ({ scope: 'wallet', wallet: walletId, reason } as const);
  const stopped = await insist(world, `stop ${subject.slice(-12)}`, async (deps, key) => {
    const idempotency = { route: 'operatorStopOutflow' as const, actor: 'operator', key, bodyHash: bodyHash(subject) };
    return (await stopOutflow(deps, { idempotency, order })).text;
  });
  if (stopped.kind !== 'answer') return;
  const stop = { walletId, fromMs: scheduler.nowMs, untilMs: Number.MAX_SAFE_INTEGER };
  world.told.stops.push(stop);
  await scheduler.sleep(scheduler.latency(2_000), outside, 'a stop');
  stop.untilMs = scheduler.nowMs;
  const { stopId } = JSON.parse(stopped.text) as { stopId: string };
  await insist(world, `lift ${subject.slice(-12)}`, async (deps, key) => {
    const idempotency = { route: 'operatorLiftStop' as const, actor: 'operator', key, bodyHash: bodyHash(stopId) };
    return (await liftStop(deps, { idempotency, stopId, reason })).text;
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
