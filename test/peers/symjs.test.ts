/** The published client symjs 1.0.6 against our work node, started as people start it. Nothing in it is adapted to us. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex0x, hexToBytes, toHex0x } from '@jigeum/std';
import {
  contractAddress,
  decodeTransaction,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  nobleCrypto,
  parseSymId,
  recoverSigner,
  transactionHash,
} from '@jigeum/symverse';

interface Symjs {
  network: {
    connect(url: string): Promise<{ result: boolean; message: string }>;
    call: Record<string, (...args: unknown[]) => Promise<unknown>> & {
      sct: Record<string, (...args: unknown[]) => Promise<unknown>>;
    };
  };
  signer: { sign(params: Record<string, unknown>, privateKey: string): string };
  param: { sct20: Record<string, (...args: unknown[]) => { raw(): string }> };
}

interface Receipt {
  status: string;
  errCode?: string;
  gasUsed: string;
  contractAddress: string | null;
  transactionHash: string;
  blockNumber: string;
  from: string;
  to: string | null;
  logs: unknown[];
}

const SymJs = createRequire(import.meta.url)('symjs') as new () => Symjs;
const root = fileURLToPath(new URL('../..', import.meta.url));

const CHAIN_ID = 7777;
/** The key that symjs publishes in its own tests. */
const PRIVATE_KEY = '1a43aa399cb2efe186317e0b09f4a7ef88b83cff05089b145709881bf4db3a20';
const BOB_KEY = '2'.repeat(64);
const hashOf = (privateKey: string): Uint8Array => keyHash(nobleCrypto.publicKey(hexToBytes(privateKey)));

/** The owner in Fig. 17 of the paper, and somebody to pay. */
const OWNER = parseSymId('0x00035b875ec2c5410002');
const BOB = parseSymId('0x00030000000000020002');
const EST_SUPPLY = '0x204fce5e3e25026110000000';

let folder: string;
let child: ChildProcess;
let symjs: Symjs;
let contract: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-symjs-'));
  const genesis = join(folder, 'genesis.json');
  const citizens = [
    { symId: OWNER, keyHash: toHex0x(hashOf(PRIVATE_KEY)) },
    { symId: BOB, keyHash: toHex0x(hashOf(BOB_KEY)) },
  ];
  const allocations = { [OWNER]: (10n * HUG_PER_SYM).toString(), [BOB]: HUG_PER_SYM.toString() };
  writeFileSync(genesis, JSON.stringify({ chainId: CHAIN_ID, caId: 3, citizens, allocations }));
  const { process: started, rpcUrl } = await startNode(['--genesis', genesis, '--block-ms', '100']);
  child = started;
  symjs = new SymJs();
  expect(await symjs.network.connect(rpcUrl)).toEqual({ result: true, message: 'Jigeum/worknode/v0.1.0' });
});

afterAll(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('symjs 1.0.6', () => {
  it('reads the network', async () => {
    const { call } = symjs.network;
    expect(await call['netVersion']!()).toBe(String(CHAIN_ID));
    expect(await call['netListening']!()).toBe(true);
    expect(await call['netPeerCount']!()).toBe('0x0');
    expect(await call['protocolVersion']!()).toBe('0x40');
    expect(await call['syncing']!()).toBe(false);
    expect(await call['symbase']!()).toBe('0x00030000000000010003');
    expect(await call['accounts']!()).toEqual([]);
    expect(await call['sha3']!('0x68656c6c6f20776f726c64')).toBe(
      '0x644bcc7e564373040999aac89e7622f3ca71fba1d972fd94a31c3bfbf24e3938',
    );
    expect(BigInt((await call['blockNumber']!()) as string)).toBeGreaterThanOrEqual(0n);
    expect(await call['getBalance']!(OWNER)).toBe((10n * HUG_PER_SYM).toString());
    expect(await call['getTransactionCount']!(OWNER)).toBe('0');
    expect(await call['getDeposit']!(OWNER)).toEqual({ account: OWNER, balance: '0x8ac7230489e80000', deposit: '0x0' });
  });

  it('creates the token of Fig. 17 at the address that our library computes, for 8,076,400 gas', async () => {
    const input = symjs.param.sct20['create']!('eSportsToken', 'EST', EST_SUPPLY, OWNER).raw();
    expect(input).toBe('ec1480e98c6553706f727473546f6b656e834553548c204fce5e3e250261100000008a00035b875ec2c5410002');
    const receipt = await send(input, { gasLimit: 8_076_400 });
    contract = contractAddress(OWNER, 0n);
    expect(receipt).toMatchObject({
      status: '0x1',
      gasUsed: '0x7b3c70',
      contractAddress: contract,
      to: null,
      logs: [],
    });
    expect(receipt).not.toHaveProperty('errCode');
  });

  it('reads the contract with all fields of Fig. 19', async () => {
    expect(await symjs.network.call.sct['getContract']!(contract)).toEqual({
      creator: OWNER,
      name: 'eSportsToken',
      owner: OWNER,
      state: 'active',
      stateCode: '0x0',
      symbol: 'EST',
      total: EST_SUPPLY,
      type: 'sct20',
    });
    expect(await symjs.network.call.sct['getContract']!(BOB)).toBeNull();
  });

  it('transfers tokens and reads balances, transaction and block', async () => {
    const receipt = await send(symjs.param.sct20['transfer']!(BOB, '0x2b5e3af16b1880000').raw(), { to: contract });
    // 67,240: base 49,000, operation 7,000, 16 bytes and 9 zero bytes.
    expect(receipt).toMatchObject({ status: '0x1', gasUsed: '0x106a8' });
    const { sct } = symjs.network.call;
    expect(await sct['getContractAccount']!(contract, BOB)).toEqual({ balance: '0x2b5e3af16b1880000' });
    const left = BigInt(EST_SUPPLY) - 0x2b5e3af16b1880000n;
    expect(await sct['getContractAccount']!(contract, OWNER)).toEqual({ balance: toQuantity(left) });

    const shown = (await symjs.network.call['getTransactionByHash']!(receipt.transactionHash)) as Record<
      string,
      unknown
    >;
    expect(shown).toMatchObject({
      from: OWNER,
      to: contract,
      nonce: '0x1',
      type: '0x1',
      blockNumber: receipt.blockNumber,
    });
    const block = (await symjs.network.call['getBlockByNumber']!(receipt.blockNumber, true)) as Record<string, unknown>;
    expect(block['transactions']).toEqual([shown]);
    expect(await symjs.network.call['getBlockByHash']!(block['hash'], true)).toEqual(block);
    expect(await symjs.network.call['getBlockTransactionCountByNumber']!(receipt.blockNumber)).toBe('1');
    expect(await symjs.network.call['getTransactionByBlockNumberAndIndex']!(receipt.blockNumber, '0x0')).toEqual(shown);
  });

  it('transfers zero tokens although it writes zero as a byte', async () => {
    expect(await send(symjs.param.sct20['transfer']!(BOB, 0).raw(), { to: contract })).toMatchObject({ status: '0x1' });
  });

  it('approves, lets the spender move tokens, and reads the allowance', async () => {
    expect(await send(symjs.param.sct20['approve']!(BOB, 1000).raw(), { to: contract })).toMatchObject({
      status: '0x1',
    });
    const moved = await send(symjs.param.sct20['transferFrom']!(OWNER, BOB, 400).raw(), { to: contract, from: BOB });
    expect(moved).toMatchObject({ status: '0x1', from: BOB });
    expect(await send(symjs.param.sct20['decreaseApprove']!(BOB, 100).raw(), { to: contract })).toMatchObject({
      status: '0x1',
    });
    expect(await symjs.network.call.sct['getAllowance']!(contract, OWNER, BOB)).toEqual({ balance: '0x1f4' });
  });

  it('mints, burns and gives the token a new owner', async () => {
    const { mint, burn, transferOwner } = symjs.param.sct20;
    expect(await send(mint!(BOB, 7).raw(), { to: contract })).toMatchObject({ status: '0x1' });
    expect(await send(burn!(BOB, 3).raw(), { to: contract })).toMatchObject({ status: '0x1' });
    expect(await send(transferOwner!(BOB).raw(), { to: contract })).toMatchObject({ status: '0x1' });
    expect(await symjs.network.call.sct['getContract']!(contract)).toMatchObject({
      owner: BOB,
      creator: OWNER,
      total: toQuantity(BigInt(EST_SUPPLY) + 4n),
    });
  });

  it('sees each refusal of the contract as status 0x0 with its errCode', async () => {
    const { transfer, pause, unpause } = symjs.param.sct20;
    const nowhere = contractAddress(BOB, 77n);
    expect(await send(transfer!(BOB, 1).raw(), { to: nowhere })).toMatchObject({ status: '0x0', errCode: '0x3e8' });
    const tooMuch = `0x${(1n << 100n).toString(16)}`;
    expect(await send(transfer!(BOB, tooMuch).raw(), { to: contract })).toMatchObject({
      status: '0x0',
      errCode: '0x7d0',
    });
    expect(await send(transfer!(OWNER, 1).raw(), { to: contract })).toMatchObject({ status: '0x0', errCode: '0xfa1' });
    expect(await send(pause!().raw(), { to: contract, from: BOB })).toMatchObject({ status: '0x1' });
    expect(await symjs.network.call.sct['getContract']!(contract)).toMatchObject({ state: 'paused', stateCode: '0x1' });
    expect(await send(transfer!(BOB, 1).raw(), { to: contract })).toMatchObject({ status: '0x0', errCode: '0x3ea' });
    expect(await send(unpause!().raw(), { to: contract })).toMatchObject({ status: '0x1' });
  });

  it('sends coins, and is refused a wrong chain id, a wrong price, a spent nonce and the same bytes again', async () => {
    const nonce = await nextNonce(OWNER);
    const fields = { ...BASE, from: OWNER, nonce, to: BOB, value: 5, gasLimit: 49_000, type: 0 };
    const { sendTransaction } = symjs.network.call;
    await expect(sendTransaction!({ ...fields, chainId: 2, workNodes: [OWNER] }, PRIVATE_KEY)).rejects.toMatchObject({
      code: -32000,
      message: expect.stringMatching(/^invalid sender: expected the signature of the key/),
    });
    await expect(
      sendTransaction!({ ...fields, gasPrice: 1_000_000_000, workNodes: [OWNER] }, PRIVATE_KEY),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^transaction underpriced: expected the fixed gas price of 100000000000 hug/),
    });
    await expect(sendTransaction!({ ...fields, nonce: 1, workNodes: [OWNER] }, PRIVATE_KEY)).rejects.toMatchObject({
      message: expect.stringMatching(/^nonce too low: /),
    });
    const before = BigInt((await symjs.network.call['getBalance']!(BOB)) as string);
    const hash = (await sendTransaction!({ ...fields, workNodes: [OWNER] }, PRIVATE_KEY)) as string;
    await expect(sendTransaction!({ ...fields, workNodes: [OWNER] }, PRIVATE_KEY)).rejects.toMatchObject({
      code: -32000,
      message: `already known: ${hash}`,
    });
    expect(await receiptOf(hash)).toMatchObject({ status: '0x1', gasUsed: '0xbf68' });
    expect(BigInt((await symjs.network.call['getBalance']!(BOB)) as string)).toBe(before + 5n);
  });
});

const BASE = { gasPrice: toQuantity(GAS_PRICE_HUG), chainId: CHAIN_ID };

/** Signs and sends a contract call with symjs, checks hash and signer with our library, and waits for the receipt. */
async function send(
  input: string,
  { to, from = OWNER, gasLimit = 100_000 }: { to?: string; from?: string; gasLimit?: number },
): Promise<Receipt> {
  const privateKey = from === OWNER ? PRIVATE_KEY : BOB_KEY;
  // symjs turns the values of its argument into hex, in place: each use needs an object of its own.
  const nonce = await nextNonce(from);
  const fields = () => ({
    ...BASE,
    from,
    nonce,
    gasLimit,
    type: 1,
    input: `0x${input}`,
    workNodes: [OWNER],
    ...(to !== undefined && { to }),
  });
  const raw = fromHex0x(symjs.signer.sign(fields(), privateKey));
  const hash = await symjs.network.call['sendTransaction']!(fields(), privateKey);
  expect(hash).toBe(toHex0x(transactionHash(raw)));
  expect(recoverSigner(decodeTransaction(raw), BigInt(CHAIN_ID))).toEqual(hashOf(privateKey));
  return receiptOf(hash as string);
}

async function nextNonce(symId: string): Promise<number> {
  return Number.parseInt((await symjs.network.call['getTransactionCount']!(symId)) as string, 10);
}

async function receiptOf(hash: string): Promise<Receipt> {
  const ask = (): Promise<unknown> => symjs.network.call['getTransactionReceipt']!(hash);
  await expect.poll(ask, { timeout: 10_000, interval: 25 }).not.toBeNull();
  return (await ask()) as Receipt;
}

function toQuantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** Starts `jigeum node` as a process of its own and waits until it says that it serves. */
function startNode(args: readonly string[]): Promise<{ process: ChildProcess; rpcUrl: string }> {
  const started = spawn(
    process.execPath,
    [
      join(root, 'apps/cli/src/main.ts'),
      'node',
      '--port',
      '0',
      '--ca-port',
      '0',
      '--data',
      join(folder, 'node'),
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let words = '';
  started.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
  return new Promise((resolve, reject) => {
    started.once('message', (message: { kind: string; rpcUrl: string }) =>
      resolve({ process: started, rpcUrl: message.rpcUrl }),
    );
    started.once('exit', (code) => reject(new Error(`The node ended with status ${code}: ${words}`)));
  });
}
