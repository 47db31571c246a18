import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';
import { nativeCrypto } from '@jigeum/symverse/native';
import { httpTransport } from '@jigeum/symverse/rpc';
import { afterEach, expect, it } from 'vitest';
import { createSymverseDriver } from './index.ts';
import { followHeads } from './follow-heads.ts';

let stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

const startNode = async (port = 0): Promise<StartedWorkNode> => {
  const node = await startWorkNode({ port, blockMs: 60_000, emptyBlockMs: null });
  stops.push(() => node.stop());
  return node;
};
function follow(url: string): { calls: number; stop(): void } {
  const seen = { calls: 0, stop: followHeads(url, () => void seen.calls++) };
  stops.push(seen.stop);
  return seen;
}

it('calls once when it is connected and for each block after that', async () => {
  const { rpcUrl, node } = await startNode();
  const driver = createSymverseDriver({ node: rpcUrl, chainId: 7777, crypto: nativeCrypto });
  let calls = 0;
  stops.push(driver.onHead(() => void calls++));
  await expect.poll(() => calls).toBe(1);
  node.seal();
  await expect.poll(() => calls).toBe(2);
  node.seal();
  await expect.poll(() => calls).toBe(3);
});

it('connects again by itself when the node comes back, and calls because heads may have been missed', async () => {
  const first = await startNode();
  const port = Number.parseInt(new URL(first.rpcUrl).port, 10);
  const seen = follow(first.rpcUrl);
  await expect.poll(() => seen.calls).toBe(1);
  await first.stop();
  stops = [seen.stop];
  const second = await startNode(port);
  await expect.poll(() => seen.calls, { timeout: 10_000 }).toBe(2);
  second.node.seal();
  await expect.poll(() => seen.calls).toBe(3);
});

it('says nothing more after it is stopped, also when it was never connected', async () => {
  const { rpcUrl, node } = await startNode();
  const seen = follow(rpcUrl);
  const never = follow(rpcUrl);
  never.stop();
  await expect.poll(() => seen.calls).toBe(1);
  seen.stop();
  node.seal();
  const other = follow(rpcUrl);
  await expect.poll(() => other.calls).toBe(1);
  expect([seen.calls, never.calls]).toEqual([1, 0]);
});

it('is silent where a node has no WebSocket, and asks it ever more seldom', async () => {
  let requests = 0;
  const server: Server = createServer((_request, response) => {
    requests++;
    response.writeHead(405).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () => server.closeAllConnections(),
    () => void server.close(),
  );
  const { port } = server.address() as AddressInfo;
  const seen = follow(`http://127.0.0.1:${port}`);
  await expect.poll(() => requests, { timeout: 5_000 }).toBe(3);
  const before = requests;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(requests).toBe(before);
  expect(seen.calls).toBe(0);
});

it('follows nothing where the driver speaks through a transport of its caller', () => {
  const driver = createSymverseDriver({ node: httpTransport('http://127.0.0.1:1'), chainId: 1, crypto: nativeCrypto });
  expect(driver.onHead(() => undefined)()).toBeUndefined();
});
