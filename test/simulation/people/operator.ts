/** The operator: mints, burns, pauses and lets go again. */
import type { Scene } from '../scene.ts';
import { expectRule } from '../violation.ts';
import { payOnce } from './payer.ts';
import { changeOnce, letGo } from './pause.ts';

/** Acts now and then until the world ends; the token is never left paused. */
export async function liveOperator(world: Scene): Promise<void> {
  const { scheduler, outside } = world.surroundings;
  const { random } = scheduler;
  const act = { surroundings: world.surroundings, network: world.network, symbol: world.platform.token.symbol };
  const change = async (route: 'operatorPause' | 'operatorMint' | 'operatorBurn', amount: bigint) => {
    const texts = await changeOnce(act, { route, amount, key: world.newKey() });
    expectRule(new Set(texts).size <= 1, 'INV-09', () => `two answers for ${route}`);
  };
  while (!world.isEnding) {
    await world.think(world.rules.thinkMs * 10, 'the operator thinks');
    if (world.isEnding) return;
    const way = random.below(5);
    if (way < 2 && world.rules.hasPauses) {
      // Everybody pays at that moment, too: what comes behind the pause is reverted.
      await Promise.all([change('operatorPause', 0n), ...world.members.map((member) => payOnce(world, member))]);
      await scheduler.sleep(scheduler.latency(3_000), outside, 'a pause');
      await letGo(act, () => world.newKey());
    } else await change(way % 2 === 0 ? 'operatorMint' : 'operatorBurn', world.newAmount(100n));
  }
}
