import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

test('new blocks are told by the WebSocket that the configuration names, or else by that of the node', async () => {
  const { config, db } = platform.deps;
  let asked = 0;
  const named = createServer().on('upgrade', (_request, socket) => {
    asked++;
    socket.destroy();
  });
  named.listen(0, '127.0.0.1');
  await once(named, 'listening');
  const { port } = named.address() as AddressInfo;
  const follow = async (chainWsUrl: string | null) => {
    const heads: string[] = [];
    const chain = await openChain({ config: { ...config, chainUrl: platform.node.rpcUrl, chainWsUrl }, db });
    return { heads, stop: chain.onHead(() => heads.push('new')) };
  };
  const elsewhere = await follow(`ws://127.0.0.1:${port}`);
  await expect.poll(() => asked).toBeGreaterThan(0);
  elsewhere.stop();
  const own = await follow(null);
  await expect.poll(() => own.heads).toContain('new');
  expect(elsewhere.heads).toEqual([]);
  own.stop();
  named.close();
});
