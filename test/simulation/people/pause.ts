/** Acts on the token, asked for again until the answer is heard. */
import { createHash } from 'node:crypto';
import { changeToken } from '../../../apps/server/src/transfers/token-operations.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Network } from './network.ts';

export interface TokenActs {
  surroundings: Surroundings;
  network: Network;
  symbol: string;
}

type ChangeRoute = 'operatorMint' | 'operatorBurn' | 'operatorPause' | 'operatorUnpause';

/** One act under one key. Returns the answers, all of which must be the same; none where it was refused. */
export async function changeOnce(
  { surroundings, network, symbol }: TokenActs,
  { route, amount, key }: { route: ChangeRoute; amount: bigint; key: string },
): Promise<string[]> {
  const { scheduler, outside } = surroundings;
  const bodyHash = createHash('sha256').update(`${route} ${amount}`).digest();
  const texts: string[] = [];
  for (;;) {
    const reply = await network.ask(`${route} ${amount}`, async (deps) => {
      const idempotency = { route, actor: 'operator', key, bodyHash };
      return (await changeToken(deps, { idempotency, symbol, amount, reason: 'simulation' })).text;
    });
    if (reply.kind === 'answer') texts.push(reply.text);
    // Now and then it is asked once more.
    if (reply.kind === 'answer' && !scheduler.random.oneIn(4)) return texts;
    if (reply.kind === 'refused' && reply.code !== 'service-busy') return texts;
    await scheduler.sleep(scheduler.latency(500), outside, 'the operator asks again');
  }
}

/** Pauses the token. */
export const pauseOnce = async (acts: TokenActs, newKey: () => string): Promise<string[]> =>
  await changeOnce(acts, { route: 'operatorPause', amount: 0n, key: newKey() });

/** Unpauses until the token can be moved: the pause itself may still be on its way. */
export async function letGo(acts: TokenActs, newKey: () => string): Promise<void> {
  const { scheduler, outside, gate, wire } = acts.surroundings;
  for (;;) {
    if (gate.isQuiet) {
      const [row] = wire.rows<{ state: string; under_way: number }>(`
        select state, (select count(*)::int from token_operations o where o.state = 'accepted' and o.kind like '%pause') as under_way
        from tokens where symbol = '${acts.symbol}'`);
      if (row!.state === 'active' && row!.under_way === 0) return;
      if (row!.under_way === 0) await changeOnce(acts, { route: 'operatorUnpause', amount: 0n, key: newKey() });
    }
    await scheduler.sleep(500, outside, 'the operator waits');
  }
}
