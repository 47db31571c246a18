/**
 * What goes wrong in the hands of people who use symjs 1.0.6, met on purpose: what our node then reads, and what it answers. Where
 * the client has sent something else than was meant, the node does what the bytes say, as gsym would.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, toHex0x } from '@jigeum/std';
import { decodeRlp, decodeSct20, decodeTransaction, isRlpList } from '@jigeum/symverse';
import { CHAIN_ID, IDS, startPeer, type Peer } from './symjs.ts';

let peer: Peer;
let token: string;
beforeAll(async () => {
  peer = await startPeer();
  const input = peer.symjs.param.sct20['create']!('Token', 'TOK', 1000, alice).raw();
  token = (await peer.send('alice', { type: 1, input: `0x${input}`, gasLimit: 8_100_000 })).contractAddress!;
});
afterAll(() => peer.stop());

const { alice, bob, carol } = IDS;
const transfer = (amount: unknown): string => `0x${peer.symjs.param.sct20['transfer']!(bob, amount).raw()}`;
const sendCall = (input: string) => peer.send('alice', { type: 1, to: token, input, gasLimit: 100_000 });

describe('a decimal text in place of a number', () => {
  it('as an amount of tokens is the number of its ASCII bytes: far too many', async () => {
    expect(decodeSct20(Buffer.from(transfer('1000').slice(2), 'hex'))).toMatchObject({ amount: 0x31303030n });
    expect(await sendCall(transfer('1000'))).toMatchObject({ status: '0x0', errCode: '0x7d0' });
    expect(await sendCall(transfer(1000))).toMatchObject({ status: '0x1' });
  });

  it('as a value moves the number of its ASCII bytes', async () => {
    const before = BigInt((await peer.call['getBalance']!(carol)) as string);
    expect(await peer.send('alice', { to: carol, value: '1000' })).toMatchObject({ status: '0x1' });
    expect(BigInt((await peer.call['getBalance']!(carol)) as string)).toBe(before + 0x31303030n);
  });

  it('as a nonce "0" is 48: the node keeps it and waits for the nonces before', async () => {
    const hash = await peer.submit('carol', { to: bob, value: 1, nonce: '0' });
    expect(await peer.call['getTransactionByHash']!(hash)).toMatchObject({ nonce: '0x30', blockNumber: null });
    expect(await peer.send('carol', { to: bob, value: 1 })).toMatchObject({ status: '0x1' });
    expect(await peer.call['getTransactionReceipt']!(hash)).toBeNull();
  });

  it('as the chain id signs for another chain', async () => {
    await expect(peer.submit('alice', { to: bob, value: 1, chainId: String(CHAIN_ID) })).rejects.toMatchObject(
      wrongSigner,
    );
  });
});

describe('the chain id', () => {
  it.each([
    ['left out', undefined],
    ['0', 0],
  ])('%s makes the client sign only the first six fields, and the signer somebody else', async (_what, chainId) => {
    await expect(peer.submit('alice', { to: bob, value: 1, chainId })).rejects.toMatchObject(wrongSigner);
  });

  it('of another network is refused', async () => {
    await expect(peer.submit('alice', { to: bob, value: 1, chainId: 2 })).rejects.toMatchObject(wrongSigner);
  });
});

describe('zero', () => {
  it('as an amount is written as the byte 0x00, and moves nothing', async () => {
    const input = transfer(0);
    expect(input.endsWith('00')).toBe(true);
    expect(await sendCall(input)).toMatchObject({ status: '0x1' });
    expect(await sendCall(`${input.slice(0, -2)}80`)).toMatchObject({ status: '0x1' });
  });

  it('with one more leading zero than the client writes is no amount', async () => {
    const [head, amount] = ['0xd01401cd8a00030000000000020002', '820000'];
    expect(await sendCall(head + amount)).toMatchObject({ status: '0x0', errCode: '0x3e9' });
  });

  it('as type, value and v is the empty text in every form that the client is given', async () => {
    const raw = await peer.sign('alice', { to: bob, type: 0, value: 0 });
    const list = decodeRlp(raw);
    const shown = isRlpList(list) ? list.map((item) => (isRlpList(item) ? 'list' : bytesToHex(item))) : [];
    expect(shown.slice(4, 10)).toEqual([bob.slice(2), '', '', '', 'list', '']);
  });
});

describe('work nodes', () => {
  it.each([
    ['left out are an empty text', undefined, null],
    ['in an empty list are an empty list', [], []],
    ['may be one', [alice], [alice]],
  ])('%s, and the node takes them', async (_what, workNodes, read) => {
    expect(decodeTransaction(await peer.sign('alice', { to: bob, workNodes })).workNodes).toEqual(read);
    const { transactionHash } = await peer.send('alice', { to: bob, workNodes });
    expect(await peer.call['getTransactionByHash']!(transactionHash)).toMatchObject({ workNodes: read });
  });

  it('may not be three, as they could once be', async () => {
    await expect(peer.submit('alice', { to: bob, workNodes: [alice, bob, carol] })).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining('malformed transaction: expected at most 1 work node, got 3'),
    });
  });
});

describe('the input', () => {
  it('as raw() gives it, without 0x, is sent as the ASCII of its digits: no call', async () => {
    const input = transfer(1).slice(2);
    const raw = await peer.sign('alice', { type: 1, to: token, input, gasLimit: 200_000 });
    expect(toHex0x(decodeTransaction(raw).input)).toBe(`0x${bytesToHex(new TextEncoder().encode(input))}`);
    const receipt = await peer.send('alice', { type: 1, to: token, input, gasLimit: 200_000 });
    expect(receipt).toMatchObject({ status: '0x0', errCode: '0x3e9' });
  });

  it('of the paper’s Fig. 18, which lost its last byte, is no call', async () => {
    const printed = '0xec1480e98c6553706f727473546f6b656e834553548c204fce5e3e250261100000008a00035b875ec2c54100';
    expect(await peer.send('alice', { type: 1, input: printed, gasLimit: 8_100_000 })).toMatchObject({
      status: '0x0',
      errCode: '0x3e9',
      contractAddress: null,
    });
  });

  it('for a contract that is not there costs base and data only', async () => {
    const receipt = await peer.send('alice', { type: 1, to: carol, input: transfer(1), gasLimit: 100_000 });
    // 16 bytes, of which 6 are zero.
    expect(receipt).toMatchObject({ status: '0x0', errCode: '0x3e8' });
    const bytes = Buffer.from(transfer(1).slice(2), 'hex');
    const zeros = bytes.filter((byte) => byte === 0).length;
    expect(BigInt(receipt.gasUsed)).toBe(49_000n + 680n * BigInt(bytes.length - zeros) + 40n * BigInt(zeros));
  });
});

describe('the index of an item', () => {
  it('is read as a number, as hex and as decimal text, the first one being 0', async () => {
    const { sct30 } = peer.symjs.param;
    const created = `0x${sct30['create']!('Items', 'ITM', alice).raw()}`;
    const { contractAddress } = await peer.send('alice', { type: 1, input: created, gasLimit: 8_200_000 });
    // A digit in quotes is text to the client, as the type and category are here.
    const items = `0x${sct30['createItem']!([['1', 'dog', 500, '7', 'p', '']]).raw()}`;
    await peer.send('alice', { type: 1, to: contractAddress, input: items, gasLimit: 200_000 });
    const { getContractItem, getContractItemsByCategory } = peer.call.sct;
    const dog = await getContractItem!(contractAddress, 0);
    expect(dog).toMatchObject({ index: '0x0', type: '1', name: 'dog', value: '0x1f4', category: '7' });
    expect(await getContractItem!(contractAddress, '0x0')).toEqual(dog);
    expect(await getContractItem!(contractAddress, '0')).toEqual(dog);
    expect(await getContractItem!(contractAddress, 1)).toBeNull();
    expect(await getContractItemsByCategory!(contractAddress, '7')).toEqual([dog]);
    expect(await getContractItemsByCategory!(contractAddress, 7)).toEqual([dog]);
    await expect(getContractItem!(contractAddress, -1)).rejects.toMatchObject({ code: -32602 });
  });

  it('is null for a token, and so is every read of a contract that is not there', async () => {
    const { sct } = peer.call;
    expect(await sct['getContractItem']!(token, 0)).toBeNull();
    expect(await sct['getContract']!(bob)).toBeNull();
    expect(await sct['getContractAccount']!(bob, alice)).toBeNull();
    expect(await sct['getAllowance']!(bob, alice, carol)).toBeNull();
    expect(await sct['getContractItem']!(bob, 0)).toBeNull();
    expect(await sct['getContractItemsByCategory']!(bob, '1')).toBeNull();
    await expect(sct['getContract']!('0x12')).rejects.toMatchObject({ code: -32602 });
  });
});

const wrongSigner = {
  code: -32000,
  message: expect.stringMatching(
    /^invalid sender: expected the signature of the key 0x[0-9a-f]{40} of 0x00035b875ec2c5410002/,
  ),
};
