import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, seededIds, toHex0x } from '@jigeum/std';
import {
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  makeSymId,
  signTransaction,
  type SignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { createRpcClient, httpTransport, type RpcClient } from '@jigeum/symverse/rpc';
import { ForeignChainError } from './chain.ts';
import { NodeFolderError } from './folder.ts';
import { GenesisError } from './genesis-fields.ts';
import { PortInUseError, startWorkNode, UnsafeKeysError } from './start.ts';
import { StorageInUseError } from './storage/storage.ts';

const CHAIN_ID = 7777n;
const SENDERS = [1, 2, 3, 4].map((seed) => {
  const privateKey = new Uint8Array(32).fill(seed);
  return { symId: makeSymId({ caId: 2, random: Uint8Array.of(0, 0, 0, 0, 1, seed), seq: 2 }), privateKey };
});
const genesis = JSON.stringify({
  chainId: 7777,
  timestamp: 1_700_000_000,
  citizens: SENDERS.map(({ symId, privateKey }) => ({
    symId,
    keyHash: toHex0x(keyHash(nativeCrypto.publicKey(privateKey))),
  })),
  allocations: Object.fromEntries(SENDERS.map(({ symId }) => [symId, (1000n * HUG_PER_SYM).toString()])),
});

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'jigeum-node-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const rpcOf = (url: string, timeoutMs = 3000): RpcClient =>
  createRpcClient({ transport: httpTransport(url), timeoutMs });
/** A key file of gsym's cost takes a second, or several on a busy machine. */
const KEY_FILE_MS = 30_000;

/** A transfer of one hug from one sender to the next. */
function transfer(sender: number, nonce: bigint): SignedTransaction {
  const { symId, privateKey } = SENDERS[sender]!;
  const fields = { gasPrice: GAS_PRICE_HUG, gas: 49_000n, value: 1n, type: 0, workNodes: null } as const;
  const empty = new Uint8Array(0);
  const to = SENDERS[(sender + 1) % SENDERS.length]!.symId;
  return signTransaction(
    { ...fields, from: symId, nonce, to, input: empty, extraData: empty },
    CHAIN_ID,
    privateKey,
    nativeCrypto,
  );
}

describe('a node', () => {
  it('begins a chain with one funded development key when it gets no genesis, and goes on with it', async () => {
    const first = await startWorkNode({ dataDir, blockMs: 20 });
    const { development } = first;
    const file = JSON.parse(readFileSync(join(dataDir, 'development-key.json'), 'utf8')) as Record<string, string>;
    expect(file).toMatchObject({ symId: development?.symId, privateKey: bytesToHex(development!.privateKey) });
    expect(await rpcOf(first.rpcUrl).call('sym_getBalance', development!.symId)).toBe(1_000_000n * HUG_PER_SYM);
    for (const name of ['development-key.json', 'sealer.key', 'ca.key', 'ca.secret']) {
      expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600);
    }
    await first.stop();

    const again = await startWorkNode({ dataDir, blockMs: 20 });
    expect(again.development).toBeUndefined();
    expect(again.caSecret).toBe(first.caSecret);
    expect(again.genesis).toEqual(first.genesis);
    expect(await rpcOf(again.rpcUrl).call('sym_getBalance', development!.symId)).toBe(1_000_000n * HUG_PER_SYM);
    await again.stop();
  });

  it('closes blocks of the gas limit that its start names, and goes on from blocks of another', async () => {
    const options = { dataDir, genesis, blockMs: 600_000 };
    const narrow = await startWorkNode({ ...options, blockGasLimit: 98_000n });
    for (let sender = 0; sender < 3; sender++) await narrow.node.submit(transfer(sender, 0n).raw);
    expect(narrow.node.seal().transactions).toHaveLength(2);
    expect(narrow.node.seal().transactions).toHaveLength(1);
    await narrow.stop();

    const wide = await startWorkNode({ ...options, blockGasLimit: 147_000n });
    for (let sender = 0; sender < 4; sender++) await wide.node.submit(transfer(sender, sender === 3 ? 0n : 1n).raw);
    expect(wide.node.seal().transactions).toHaveLength(3);
    const rpc = rpcOf(wide.rpcUrl);
    const limits = await Promise.all(
      [0n, 1n, 2n, 3n].map(async (number) => (await rpc.call('sym_getBlockByNumber', number, false))?.gasLimit),
    );
    expect(limits).toEqual([98_000n, 98_000n, 98_000n, 147_000n]);
    await wide.stop();
  });

  it('lives in memory when it gets no folder', async () => {
    const node = await startWorkNode({ genesis, ids: seededIds('memory'), sealWhenBusy: true });
    const signed = transfer(0, 0n);
    await rpcOf(node.rpcUrl).call('sym_sendRawTransaction', signed.raw);
    await expect
      .poll(() => rpcOf(node.rpcUrl).call('sym_getTransactionReceipt', signed.hashHex))
      .toMatchObject({ status: 1n });
    await node.stop();
    await expect(rpcOf(node.rpcUrl).call('sym_blockNumber')).rejects.toThrow(/failed before an answer/);
  });

  it('keeps keys for callers only when it is told to, on a loopback host unless told otherwise', async () => {
    const plain = await startWorkNode({ dataDir, genesis });
    await expect(rpcOf(plain.rpcUrl).call('personal_listAccounts')).rejects.toThrow(
      /"personal_listAccounts" does not exist\/is not available; this node keeps no keys; start it with --unlock-keys/,
    );
    expect(await rpcOf(plain.rpcUrl).call('rpc_modules')).not.toHaveProperty('personal');
    await plain.stop();
    await expect(startWorkNode({ dataDir, unlockKeys: 'loopback', host: '0.0.0.0' })).rejects.toThrow(UnsafeKeysError);

    const [{ symId, privateKey }] = SENDERS as [(typeof SENDERS)[0]];
    const first = await startWorkNode({ dataDir, unlockKeys: 'any-host', host: '0.0.0.0' });
    const rpc = rpcOf(first.rpcUrl.replace('0.0.0.0', '127.0.0.1'), KEY_FILE_MS);
    expect(await rpc.call('rpc_modules')).toHaveProperty('personal');
    expect(await rpc.call('personal_importRawKey', bytesToHex(privateKey), 'secret')).toBe(symId);
    await first.stop();

    const second = await startWorkNode({ dataDir, unlockKeys: 'loopback' });
    const again = rpcOf(second.rpcUrl, KEY_FILE_MS);
    expect(await again.call('personal_unlockAccount', symId, 'secret', 60)).toBe(true);
    expect(await again.call('sym_sendTransaction', { from: symId, to: SENDERS[1]!.symId, value: 1n })).toMatch(/^0x/);
    expect(readFileSync(join(dataDir, 'keystore', `${symId.slice(2)}.json`), 'utf8')).not.toContain(
      bytesToHex(privateKey),
    );
    await second.stop();
  });

  it('refuses a taken port, a folder in use, another genesis, another chain id, and a lost or foreign key, and leaves nothing running', async () => {
    const node = await startWorkNode({ dataDir, genesis });
    await expect(startWorkNode({ dataDir, genesis })).rejects.toThrow(StorageInUseError);
    await node.stop();
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    await expect(startWorkNode({ dataDir, genesis, port })).rejects.toThrow(PortInUseError);
    await expect(startWorkNode({ dataDir, genesis, caPort: port })).rejects.toThrow(`Port ${port} (CA) is in use`);
    blocker.close();

    await expect(startWorkNode({ dataDir, genesis: genesis.replace('1700000000', '1700000001') })).rejects.toThrow(
      ForeignChainError,
    );
    await expect(startWorkNode({ dataDir, genesis: '{"citizens":3}' })).rejects.toThrow(GenesisError);
    await expect(startWorkNode({ dataDir, chainId: 25n })).rejects.toThrow(/id 25, got one with 7777/);
    await expect(startWorkNode({ dataDir, caSecret: 'short' })).rejects.toThrow(/32 hex digits, got 5 characters/);
    const key = readFileSync(join(dataDir, 'sealer.key'), 'utf8');
    writeFileSync(join(dataDir, 'sealer.key'), `${'11'.repeat(32)}\n`);
    await expect(startWorkNode({ dataDir })).rejects.toThrow(/sealer.key does not hold the key/);
    writeFileSync(join(dataDir, 'sealer.key'), 'nonsense');
    await expect(startWorkNode({ dataDir })).rejects.toThrow(/sealer.key is damaged/);
    rmSync(join(dataDir, 'sealer.key'));
    await expect(startWorkNode({ dataDir })).rejects.toThrow(NodeFolderError);
    writeFileSync(join(dataDir, 'sealer.key'), key);
    await (await startWorkNode({ dataDir, genesis })).stop();
  });
});

describe('kill -9', () => {
  const CYCLES = 6;

  it('loses no block that was seen and no transaction that was answered', async () => {
    const random = seededIds('kill -9 of the node');
    const answered: string[] = [];
    const seen = new Map<bigint, string>();
    const next = SENDERS.map(() => 0n);

    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const child = await startChild();
      try {
        const rpc = rpcOf(child.rpcUrl);
        for (const [sender, { symId }] of SENDERS.entries())
          next[sender] = await rpc.call('sym_getTransactionCount', symId, 'pending');
        const killAfterMs = 40 + random.bytes(1)[0]!;
        const killed = new Promise<void>((resolve) => child.process.once('exit', () => resolve()));
        // However slow the machine, every cycle has work to lose before the time that is left to the node begins.
        const [answeredMin, seenMin] = [answered.length + 5, seen.size + 2];
        let isCondemned = false;
        const condemn = (): void => {
          if (!isCondemned) setTimeout(() => child.process.kill('SIGKILL'), killAfterMs);
          isCondemned = true;
        };
        await Promise.all(
          SENDERS.map(async (_, sender) => {
            for (let nonce = next[sender]!; ; nonce++) {
              const signed = transfer(sender, nonce);
              try {
                await rpc.call('sym_sendRawTransaction', signed.raw);
                answered.push(signed.hashHex);
                const head = await rpc.call('sym_getBlockByNumber', 'latest');
                if (head !== null) seen.set(head.number, head.hash);
                if (answered.length >= answeredMin && seen.size >= seenMin) condemn();
              } catch {
                // The node is dead: what was not answered is not counted.
                return;
              }
            }
          }),
        );
        condemn();
        await killed;
      } finally {
        child.process.kill('SIGKILL');
      }
      await requireEverything();
    }
    // The loop must have had work to lose.
    expect(answered.length).toBeGreaterThan(CYCLES * 4);
    expect(seen.size).toBeGreaterThan(CYCLES);

    async function requireEverything(): Promise<void> {
      const node = await startWorkNode({ dataDir, genesis, blockMs: 60_000 });
      try {
        const { storage } = node.node.chain;
        for (const [number, hash] of seen) {
          expect(
            toHex0x(storage.block(Number.parseInt(number.toString(), 10))?.hash ?? new Uint8Array(0)),
            `block ${number}`,
          ).toBe(hash);
        }
        const lost = answered.filter(
          (hash) =>
            node.node.pool.get(hash) === undefined && storage.transaction(hexToBytes(hash.slice(2))) === undefined,
        );
        expect(lost).toEqual([]);
      } finally {
        await node.stop();
      }
    }
  });

  function startChild(): Promise<{ process: ChildProcess; rpcUrl: string }> {
    const script = `
      import { startWorkNode } from ${JSON.stringify(new URL('./start.ts', import.meta.url).href)};
      const [dataDir, genesis] = process.argv.slice(1);
      const node = await startWorkNode({ dataDir, genesis, blockMs: 25 });
      process.send(node.rpcUrl);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, dataDir, genesis], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise((resolve, reject) => {
      child.once('message', (rpcUrl: string) => resolve({ process: child, rpcUrl }));
      child.once('exit', (code) => reject(new Error(`The node ended with status ${code}.`)));
    });
  }
});
