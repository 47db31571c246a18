/** The harness itself: what other tests believe of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from './cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ replicas: 2, people: 4, won: 1_000n });
});
afterAll(async () => {
  await cluster?.stop();
});

const WON = 10n ** 18n;

async function available(index: number): Promise<bigint> {
  const { rows } = await cluster.owner.query<{ available: string }>(
    'select available from balances where wallet_id = $1',
    [cluster.people[index]!.walletId],
  );
  return BigInt(rows[0]!.available) / WON;
}

test('people pay each other through any replica with the session that they were made with', async () => {
  const [payer, payee] = [cluster.people[0]!, cluster.people[1]!];
  for (const url of cluster.urls) {
    const answer = await cluster.payments.ask(url, { key: cluster.newKey(), payer, payee, amount: 100n * WON });
    expect(answer).toMatchObject({ kind: 'answered', status: 202 });
  }
  await cluster.untilDrained();
  expect([await available(0), await available(1)]).toEqual([800n, 1_200n]);
});

test('each part can be killed by its pid and started again on what it had', async () => {
  const [payer, payee] = [cluster.people[2]!, cluster.people[3]!];
  for (const part of [cluster.postgres, cluster.node, cluster.replicas[0]!]) {
    const before = part.pid();
    await part.kill();
    expect(part.pid()).toBeUndefined();
    await part.start();
    expect(part.pid()).not.toBe(before);
    const order = { key: cluster.newKey(), payer, payee, amount: 100n * WON };
    expect(await cluster.payments.askUntilSettled(cluster.urls, order)).toMatchObject({ status: 202 });
  }
  await cluster.untilDrained();
  expect([await available(2), await available(3)]).toEqual([700n, 1_300n]);
  expect(cluster.replicas.flatMap((replica) => replica.unaskedEnds())).toEqual([]);
});
