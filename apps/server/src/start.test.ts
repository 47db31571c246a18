import { OtherChain } from '@jigeum/chain';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scanJob } from '#scanner';
import { openChain } from './start.ts';
import { startTestPlatform, type TestPlatform } from './transfers/testing.ts';

let platform: TestPlatform;
let madeAnew: StartedWorkNode;
beforeAll(async () => {
  platform = await startTestPlatform();
  const { chainId } = platform.deps.config;
  const genesis = JSON.stringify({ chainId, caId: 2, citizens: [], allocations: {} });
  madeAnew = await startWorkNode({ genesis, blockMs: 50 });
});
afterAll(async () => {
  await madeAnew.stop();
  await platform.stop();
});

const openAt = ({ rpcUrl }: StartedWorkNode) => {
  const { config, db } = platform.deps;
  return openChain({ config: { ...config, chainUrl: rpcUrl }, db });
};

test('a server that starts believes a node of the chain id until its index has block 0, and then only one with that block', async () => {
  await (await openAt(madeAnew)).head();
  await scanJob(platform.deps).run(new AbortController().signal);
  await expect((await openAt(madeAnew)).head()).rejects.toThrow(OtherChain);
  await (await openAt(platform.node)).head();
});
