/** The network calls of symjs 1.0.6 on our node: each with an answer and, where it can fail, with the error that it passes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha3_256, HUG_PER_SYM } from '@jigeum/symverse';
import { toHex0x } from '@jigeum/std';
import { CHAIN_ID, IDS, NOBODY, START_HUG, startPeer, toQuantity, type Peer, type PeerReceipt } from './symjs.ts';

let peer: Peer;
let sent: PeerReceipt;
beforeAll(async () => {
  peer = await startPeer();
  sent = await peer.send('alice', { to: IDS.bob, value: 5 });
});
afterAll(() => peer.stop());

const { alice, bob, carol, dave } = IDS;
const ZERO_HASH = `0x${'0'.repeat(64)}`;
const call = (name: string, ...args: unknown[]): Promise<unknown> => peer.call[name]!(...args);
const badParams = (sentence: string) => ({ code: -32602, message: expect.stringContaining(sentence) });

describe('symjs', () => {
  it('connects, and says why it cannot', async () => {
    const { network } = peer.symjs;
    try {
      // Port 1 is nobody's: the client wraps what the machine says.
      await expect(network.connect('http://127.0.0.1:1')).rejects.toMatchObject({ result: false });
    } finally {
      expect(await network.connect(peer.rpcUrl)).toEqual({ result: true, message: 'Jigeum/worknode/v0.1.0' });
    }
  });

  it('reads what a node says of itself', async () => {
    expect(await call('clientVersion')).toBe('Jigeum/worknode/v0.1.0');
    expect(await call('netVersion')).toBe(String(CHAIN_ID));
    expect(await call('netListening')).toBe(true);
    expect(await call('netPeerCount')).toBe('0x0');
    expect(await call('protocolVersion')).toBe('0x40');
    expect(await call('syncing')).toBe(false);
    expect(await call('symbase')).toBe('0x00030000000000010003');
    expect(await call('accounts')).toEqual([]);
    expect(BigInt((await call('blockNumber')) as string)).toBeGreaterThanOrEqual(BigInt(sent.blockNumber));
  });

  it('hashes bytes with SHA3-256, and is refused half a byte', async () => {
    const hello = Uint8Array.from(Buffer.from('hello world'));
    expect(await call('sha3', toHex0x(hello))).toBe(toHex0x(sha3_256(hello)));
    await expect(call('sha3', '0x123')).rejects.toMatchObject(badParams('Expected DATA'));
  });

  it('reads a balance as a decimal text, zero of nobody, and is refused an address of another length', async () => {
    expect(await call('getBalance', dave)).toBe(START_HUG.toString());
    expect(await call('getBalance', NOBODY)).toBe('0');
    await expect(call('getBalance', `0x${'00'.repeat(20)}`)).rejects.toMatchObject(badParams('Expected a SymID'));
  });

  it('counts transactions, those that wait included, and is refused a block that is none', async () => {
    const count = async (): Promise<number> => Number.parseInt((await call('getTransactionCount', bob)) as string, 10);
    const before = await count();
    // Its nonce leaves a gap, so that it waits.
    await peer.submit('bob', { to: carol, nonce: before + 1 });
    expect(await count()).toBe(before);
    await peer.submit('bob', { to: carol, nonce: before });
    expect(await count()).toBe(before + 2);
    expect(await call('getTransactionCount', dave)).toBe('0');
    expect(await call('getTransactionCount', dave, 'latest')).toBe('0');
    await expect(call('getTransactionCount', alice, 'newest')).rejects.toMatchObject(badParams('Expected a block'));
  });

  it('reads a deposit, and is refused the address of nobody’s form', async () => {
    expect(await call('getDeposit', dave)).toEqual({ account: dave, balance: toQuantity(START_HUG), deposit: '0x0' });
    await expect(call('getDeposit', 'carol')).rejects.toMatchObject(badParams('Expected a SymID'));
  });

  it('reads a transaction by its hash and by its place, and null where there is none', async () => {
    const shown = await call('getTransactionByHash', sent.transactionHash);
    expect(shown).toMatchObject({ from: alice, to: bob, value: '0x5', nonce: '0x0', blockNumber: sent.blockNumber });
    const { blockHash } = shown as { blockHash: string };
    expect(await call('getTransactionByBlockHashAndIndex', blockHash, '0x0')).toEqual(shown);
    expect(await call('getTransactionByBlockNumberAndIndex', sent.blockNumber, '0x0')).toEqual(shown);
    expect(await call('getTransactionByHash', ZERO_HASH)).toBeNull();
    expect(await call('getTransactionByBlockHashAndIndex', ZERO_HASH, '0x0')).toBeNull();
    expect(await call('getTransactionByBlockNumberAndIndex', sent.blockNumber, '0x1')).toBeNull();
    await expect(call('getTransactionByHash', '0x12')).rejects.toMatchObject(badParams('Expected a hash'));
  });

  it('reads a block by hash and number, with hashes or whole transactions, and null where there is none', async () => {
    const hashes = (await call('getBlockByNumber', sent.blockNumber)) as { hash: string; transactions: unknown[] };
    expect(hashes.transactions).toEqual([sent.transactionHash]);
    const whole = (await call('getBlockByHash', hashes.hash, true)) as { transactions: unknown[] };
    expect(whole.transactions).toEqual([await call('getTransactionByHash', sent.transactionHash)]);
    expect(await call('getBlockByNumber', sent.blockNumber, true)).toEqual(whole);
    expect(await call('getBlockByHash', hashes.hash)).toEqual(hashes);
    expect(await call('getBlockByNumber')).toHaveProperty('number');
    expect(await call('getBlockByHash', ZERO_HASH)).toBeNull();
    expect(await call('getBlockByNumber', '0xffffff')).toBeNull();
    await expect(call('getBlockByNumber', '0x00')).rejects.toMatchObject(badParams('Expected a block'));
  });

  it('counts the transactions of a block, and null where there is none', async () => {
    const { blockHash } = (await call('getTransactionByHash', sent.transactionHash)) as { blockHash: string };
    expect(await call('getBlockTransactionCountByHash', blockHash)).toBe('1');
    expect(await call('getBlockTransactionCountByNumber', sent.blockNumber)).toBe('1');
    expect(await call('getBlockTransactionCountByHash', ZERO_HASH)).toBeNull();
    expect(await call('getBlockTransactionCountByNumber', '0xffffff')).toBeNull();
    await expect(call('getBlockTransactionCountByHash', '0x')).rejects.toMatchObject(badParams('Expected a hash'));
  });

  it('reads a receipt, and null while there is none', async () => {
    expect(sent).toMatchObject({ status: '0x1', gasUsed: '0xbf68', contractAddress: null, to: bob });
    expect(sent).not.toHaveProperty('errCode');
    expect(await call('getTransactionReceipt', ZERO_HASH)).toBeNull();
    await expect(call('getTransactionReceipt', 'x')).rejects.toMatchObject(badParams('Expected a hash'));
  });

  it.each([
    ['sign', [alice, '0xdeadbeaf'], 'sym_sign'],
    ['setDeposit', [alice, '0x1'], 'sym_setDeposit'],
    ['restoreDeposit', [alice], 'sym_restoreDeposit'],
  ])('is told that %s needs a key in the node, which keeps none', async (name, args, method) => {
    await expect(call(name, ...args)).rejects.toMatchObject({
      code: -32601,
      message: expect.stringContaining(method),
    });
  });

  it('cannot call citizens, warrants and oracles: in its version the namespaces have no connection', () => {
    expect(() => peer.call.citizen['blockNumber']!()).toThrow('rpc is not a function');
  });
});

describe('coins through symjs', () => {
  it('go from one to another; the sender pays 49,000 gas', async () => {
    const before = BigInt((await call('getBalance', carol)) as string);
    const receipt = await peer.send('bob', { to: carol, value: toQuantity(HUG_PER_SYM) });
    expect(receipt).toMatchObject({ status: '0x1', gasUsed: '0xbf68', from: bob, to: carol });
    expect(BigInt((await call('getBalance', carol)) as string)).toBe(before + HUG_PER_SYM);
  });

  it.each([
    [
      'a price other than 100 GHug',
      { gasPrice: 1_000_000_000 },
      'transaction underpriced: expected the fixed gas price of 100000000000 hug',
    ],
    ['a gas limit below 49,000', { gasLimit: 48_999 }, 'intrinsic gas too low: expected a gas limit of 49000'],
    ['a gas limit above the block’s', { gasLimit: 188_495_521 }, 'exceeds block gas limit: '],
    ['a spent nonce', { nonce: 0, value: 6 }, 'nonce too low: '],
    ['more than there is', { value: toQuantity(START_HUG) }, 'insufficient funds for gas * price + value: '],
    ['a receiver whom no CA knows', { to: NOBODY }, 'malformed transaction: expected the receiver to be a SymID'],
    [
      'a contract without a template',
      { to: undefined, gasLimit: 8_000_000 },
      'malformed transaction: expected a receiver',
    ],
  ])('are refused with %s, in the words that the client passes on', async (_what, fields, sentence) => {
    await expect(peer.submit('alice', { to: bob, value: 5, ...fields })).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining(sentence),
    });
  });

  it('are sent once: the same bytes again are "already known", with their hash', async () => {
    const nonce = Number.parseInt((await call('getTransactionCount', alice)) as string, 10);
    const hash = await peer.submit('alice', { to: bob, value: 5, nonce });
    await expect(peer.submit('alice', { to: bob, value: 5, nonce })).rejects.toMatchObject({
      code: -32000,
      message: `already known: ${hash}`,
    });
    expect(await peer.receiptOf(hash)).toMatchObject({ status: '0x1' });
  });
});

describe('deposits through symjs', () => {
  it('are set, added to, and restored whole', async () => {
    const deposit = async (): Promise<unknown> => ((await call('getDeposit', carol)) as { deposit: string }).deposit;
    const set = await peer.send('carol', { type: 2, value: 7, gasLimit: 8_000_000 });
    expect(set).toMatchObject({ status: '0x1', gasUsed: '0x7a1200', to: null, contractAddress: null });
    await peer.send('carol', { type: 2, value: 5, gasLimit: 8_000_000 });
    expect(await deposit()).toBe('0xc');
    expect(await peer.send('carol', { type: 2, to: carol })).toMatchObject({ status: '0x1', gasUsed: '0xbf68' });
    expect(await deposit()).toBe('0x0');
  });

  it.each([
    ['nothing', { value: 0, gasLimit: 8_000_000 }, 'malformed transaction: expected a value above 0 to deposit, got 0'],
    [
      'more than there is',
      { value: toQuantity(START_HUG), gasLimit: 8_000_000 },
      'insufficient funds for gas * price + value',
    ],
    [
      'another’s deposit',
      { to: bob },
      'malformed transaction: expected the receiver of a deposit to be empty (set) or the sender',
    ],
    [
      'a part of a deposit',
      { to: carol, value: 1 },
      'malformed transaction: expected value 0 to restore a deposit, got 1',
    ],
    [
      'a deposit with input',
      { value: 1, input: '0x01', gasLimit: 8_001_000 },
      'malformed transaction: expected no input in a deposit',
    ],
  ])('refuse %s', async (_what, fields, sentence) => {
    await expect(peer.submit('carol', { type: 2, ...fields })).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining(sentence),
    });
  });
});
