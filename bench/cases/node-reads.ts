/** `sct_getContractAccount` of a work node that runs as people run it, against a bare server with the same answer. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomIds, systemClock, toHex0x } from '@jigeum/std';
import {
  contractAddress,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  generatePrivateKey,
  HUG_PER_SYM,
  keyHash,
  nobleCrypto,
  parseSymId,
  signTransaction,
} from '@jigeum/symverse';
import { NODE_FLAGS } from '../../apps/cli/src/embedded/node-flags.ts';
import type { BenchSetting } from '../bench-case.ts';
import { startChild } from '../child.ts';
import type { LoadTarget } from '../load/generator.ts';
import { pairCase, type StartedPair } from '../pair-case.ts';

export const nodeReads = pairCase({
  name: 'node-reads',
  explains: 'sct_getContractAccount of a work node, against a bare node:http server with the same answer',
  secondsDefault: 10,
  connectionsDefault: 300,
  connectionsMax: 1_000,
  start,
});

const CHAIN_ID = 7777n;
const HOLDER = parseSymId('0x00035b875ec2c5410002');
const SUPPLY = 10_000_000_000n * 10n ** 18n;
const TOKEN_WITHIN_MS = 15_000;
const POLL_MS = 50;
const HEADERS = { 'content-type': 'application/json' };

async function start({ closing, profileFolder }: BenchSetting): Promise<StartedPair> {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-bench-'));
  closing.defer(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const holderKey = generatePrivateKey(randomIds);
  const genesis = join(folder, 'genesis.json');
  writeFileSync(genesis, genesisOf(holderKey));
  const node = await startChild<{ rpcUrl: string }>(
    new URL('../../apps/cli/src/main.ts', import.meta.url),
    [...['node', '--port', '0', '--ca-port', '0', '--data', join(folder, 'node'), '--genesis', genesis]],
    { flags: NODE_FLAGS, profileFolder },
  );
  closing.defer(node.stop);
  const { origin, pathname } = new URL(node.ready.rpcUrl);
  const contract = await createToken(node.ready.rpcUrl, holderKey);
  const body = requestText('sct_getContractAccount', [contract, HOLDER, 'latest']);
  const answer = await untilHolding(node.ready.rpcUrl, body);

  const bare = await startChild<{ origin: string }>(new URL('../programs/bare-server.ts', import.meta.url), [
    ...['200', 'application/json', answer],
  ]);
  closing.defer(bare.stop);
  const target: Omit<LoadTarget, 'origin'> = {
    kind: 'same',
    requests: [{ path: pathname, headers: HEADERS, body: Buffer.from(body) }],
    expectedStatus: 200,
    expectedBody: answer,
  };
  return {
    reference: { name: 'bare node:http', pid: bare.process.pid!, target: { ...target, origin: bare.ready.origin } },
    measured: { name: 'work node', pid: node.process.pid!, target: { ...target, origin } },
  };
}

const genesisOf = (holderKey: Uint8Array): string =>
  JSON.stringify({
    chainId: Number.parseInt(CHAIN_ID.toString(), 10),
    caId: 3,
    citizens: [{ symId: HOLDER, keyHash: toHex0x(keyHash(nobleCrypto.publicKey(holderKey))) }],
    allocations: { [HOLDER]: (10n * HUG_PER_SYM).toString() },
  });

const requestText = (method: string, params: readonly unknown[]): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

/** Sends the holder's creation of a token and gives its address; it exists from the next block on. */
async function createToken(rpcUrl: string, holderKey: Uint8Array): Promise<string> {
  const call = { method: 'create', name: 'eSportsToken', symbol: 'EST', amount: SUPPLY, owner: HOLDER } as const;
  const input = encodeSct20(call);
  const { raw } = signTransaction(
    {
      from: HOLDER,
      nonce: 0n,
      gasPrice: GAS_PRICE_HUG,
      gas: estimateGas({ to: null, input, type: 1 }),
      to: null,
      value: 0n,
      input,
      type: 1,
      workNodes: [HOLDER],
      extraData: new Uint8Array(0),
    },
    CHAIN_ID,
    holderKey,
  );
  const text = await ask(rpcUrl, requestText('sym_sendRawTransaction', [toHex0x(raw)]));
  if (typeof resultOf(text) !== 'string') throw new Error(`Expected a transaction hash from the node, got ${text}`);
  return contractAddress(HOLDER, 0n);
}

/** The node's answer, byte for byte, as soon as it shows the whole supply with the holder. */
async function untilHolding(rpcUrl: string, body: string): Promise<string> {
  const deadlineMs = systemClock.monotonicMs() + TOKEN_WITHIN_MS;
  for (;;) {
    const text = await ask(rpcUrl, body);
    const holding = resultOf(text) as { balance: string } | null | undefined;
    if (holding?.balance === `0x${SUPPLY.toString(16)}`) return text;
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`Expected the token within ${TOKEN_WITHIN_MS / 1000} s, got ${text}`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function ask(rpcUrl: string, body: string): Promise<string> {
  const response = await fetch(rpcUrl, { method: 'POST', headers: HEADERS, body });
  return response.text();
}

const resultOf = (text: string): unknown => (JSON.parse(text) as { result?: unknown }).result;
