import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';
import { nativeCrypto } from '@jigeum/symverse/native';
import { httpTransport } from '@jigeum/symverse/rpc';
import { afterEach, expect, it, vi } from 'vitest';
import { createSymverseDriver } from './index.ts';
import { followHeads } from './follow-heads.ts';

let stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

const startNode = async (): Promise<StartedWorkNode> => {
  const node = await startWorkNode({ port: 0, blockMs: 60_000, emptyBlockMs: null });
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

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A node's address that stays while the node behind it goes and another one comes: nobody else can take its port meanwhile. */
async function startRelay(rpcUrl: string) {
  let target: string | undefined = rpcUrl;
  let refused = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (target === undefined) {
      refused++;
      socket.destroy();
      return;
    }
    const node = connect(Number(new URL(target).port), '127.0.0.1');
    for (const [one, other] of [
      [socket, node],
      [node, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      // A reset is an end as well.
      one.on('error', () => one.destroy());
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  const cut = (): void => {
    target = undefined;
    for (const socket of sockets) socket.destroy();
  };
  const url = await listening(server);
  stops.push(() => {
    cut();
    server.close();
  });
  return { url, cut, refused: () => refused, pointAt: (next: string) => void (target = next) };
}

it('connects again by itself when the node comes back, and calls because heads may have been missed', async () => {
  const [first, second] = [await startNode(), await startNode()];
  const relay = await startRelay(first.rpcUrl);
  const seen = follow(relay.url);
  await expect.poll(() => seen.calls).toBe(1);
  relay.cut();
  await expect.poll(relay.refused).toBeGreaterThan(0);
  expect(seen.calls).toBe(1);
  relay.pointAt(second.rpcUrl);
  await expect.poll(() => seen.calls).toBe(2);
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
  const server = createHttpServer((_request, response) => {
    requests++;
    response.writeHead(405).end();
  });
  const url = await listening(server);
  stops.push(
    () => server.closeAllConnections(),
    () => void server.close(),
  );
  // The pauses pass when the test says so.
  const pauses: { ms: number; end: () => void }[] = [];
  const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((end: () => void, ms: number) => {
    pauses.push({ ms, end });
    return { unref: () => undefined };
  }) as never);
  stops.push(() => timers.mockRestore());
  const seen = follow(url);
  for (const [failures, pauseMs] of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].entries()) {
    await expect.poll(() => pauses.at(-1)?.ms).toBe(pauseMs);
    expect(requests).toBe(failures + 1);
    pauses.at(-1)!.end();
  }
  expect(seen.calls).toBe(0);
});

it('follows nothing where the driver speaks through a transport of its caller', () => {
  const driver = createSymverseDriver({ node: httpTransport('http://127.0.0.1:1'), chainId: 1, crypto: nativeCrypto });
  expect(driver.onHead(() => undefined)()).toBeUndefined();
});
