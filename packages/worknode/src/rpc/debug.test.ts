import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCitizen, encodeOracle, signCitizen, signOracle, type UnsignedCitizen } from '@jigeum/symverse';
import { fromHex0x, toHex0x } from '@jigeum/std';
import { CHAIN_ID, createWorld, hashOf, type TestWorld } from '../testing.ts';
import { rpcHandlers } from './methods.ts';
import { serve, type TestRpc } from './testing.ts';

let world: TestWorld;
let rpc: TestRpc;
beforeAll(async () => {
  world = createWorld();
  rpc = await serve(rpcHandlers(world.node));
});
afterAll(async () => {
  await rpc.server.stop();
  expect(rpc.reported).toEqual([]);
});
const result = async (method: string, ...params: unknown[]): Promise<unknown> => {
  const answer = (await rpc.call(method, ...params)) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
};

/** Printed by the developer documents' console. */
const [TO4, TO6, TO7] = ['0x00020000000000040002', '0x00020000000000060002', '0x00020000000000070002'];
const PRINTED: [type: string, method: string, params: object | undefined, input: string][] = [
  [
    '0x14',
    '0x0',
    { name: 'SymToken', symbol: 'STK', amount: '0x56bc75e2d63100000', owner: TO7 },
    '0xe51480e28853796d546f6b656e8353544b89056bc75e2d631000008a00020000000000070002',
  ],
  [
    '0x14',
    '0x2',
    { from: TO7, to: TO6, amount: '0xde0b6b3a7640000' },
    '0xe21402df8a000200000000000700028a00020000000000060002880de0b6b3a7640000',
  ],
  ['0x14', '0x7', undefined, '0xc31407c0'],
  ['0x14', '0x9', { to: TO6 }, '0xce1409cb8a00020000000000060002'],
  [
    '0x15',
    '0x0',
    {
      name: 'SymToken',
      symbol: 'STK',
      amount: '0x56bc75e2d63100000',
      lockAmount: '0x56bc75e2d63100000',
      owner: TO6,
    },
    '0xef1580ec8853796d546f6b656e8353544b89056bc75e2d6310000089056bc75e2d631000008a00020000000000060002',
  ],
  ['0x15', '0x5', { from: TO6, amount: '0xde0b6b3a7640000' }, '0xd71505d48a00020000000000060002880de0b6b3a7640000'],
  ['0x15', '0x6', { to: TO6, amount: '0xde0b6b3a7640000' }, '0xd71506d48a00020000000000060002880de0b6b3a7640000'],
  [
    '0x15',
    '0xa',
    { to: TO4, amount: '0xde0b6b3a7640000', lockAmount: '0xde0b6b3a7640000' },
    '0xe0150add8a00020000000000040002880de0b6b3a7640000880de0b6b3a7640000',
  ],
  ['0x15', '0x10', { to: TO6 }, '0xce1510cb8a00020000000000060002'],
  // The points of this sample belong to SCT40; the console has left them out.
  [
    '0x1e',
    '0x0',
    { name: 'SymContract', symbol: 'SCN', cpoint: '0xa', owner: '0x00020000000000050002' },
    '0xde1e80db8b53796d436f6e74726163748353434e8a00020000000000050002',
  ],
  ['0x1e', '0x5', { index: '0x1' }, '0xc41e05c101'],
  [
    '0x28',
    '0x1',
    {
      coupons: [
        {
          type: 'A',
          name: 'hotdog',
          point: '0x1',
          groupNo: 'fastfood1',
          couponNo: 'discount1',
          description: 'happybirthday',
        },
        {
          type: 'B',
          name: 'coupon2',
          point: '0x1f4',
          groupNo: 'restaurant1',
          couponNo: 'discount1',
          etc: 'happybirthday',
        },
      ],
    },
    '0xf8542801f850de4186686f74646f67018966617374666f6f643189646973636f756e743180f04287636f75706f6e328201f48b72657374617572616e743189646973636f756e74318d68617070796269727468646179',
  ],
  ['0x28', '0x8', { to: TO6 }, '0xce2808cb8a00020000000000060002'],
];

describe('debug_getSCTRlp', () => {
  it.each(PRINTED)('writes the printed input of type %s, method %s', async (type, method, params, input) => {
    expect(await result('debug_getSCTRlp', { type, method, ...(params && { params }) })).toBe(input);
  });

  it('names what is missing, and refuses what no template has', async () => {
    const refused = async (call: object) => await rpc.call('debug_getSCTRlp', call);
    const error = (message: RegExp) => ({ error: { code: -32602, message: expect.stringMatching(message) } });
    expect(await refused({ type: '0x14', method: '0x1', params: { to: TO4 } })).toMatchObject(
      error(/params: expected to, amount for SCT20 transfer, got to$/),
    );
    expect(await refused({ type: '0x14', method: '0xa' })).toMatchObject(error(/expected 0 to 9 of SCT20, got 10/));
    expect(await refused({ type: '0x32', method: '0x0' })).toMatchObject(
      error(/template of 20, 21, 22, 30, 40, got 50/),
    );
    const create = { name: 'Token', symbol: 'X', amount: '0x1', owner: TO4 };
    expect(await refused({ type: '0x14', method: '0x0', params: create })).toMatchObject(error(/Expected 3 to 10/));
  });
});

describe('transactions and records', () => {
  it('encodes a transaction from its fields, says whether its signature is the sender’s, and decodes it again', async () => {
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 7n });
    const raw = toHex0x(signed.raw);
    const decoded = await result('debug_decodeTransactionRlp', raw);
    expect(decoded).toMatchObject({ from: world.people.alice.symId, value: '0x7', hash: signed.hashHex, input: '0x' });
    const { input, ...fields } = decoded as Record<string, unknown>;
    expect(await result('debug_getTransactionRlp', { ...fields, data: '', extraData: '' })).toEqual({
      encodedResult: raw,
      signature: 'Success! Given signature is available.',
    });
    const stranger = { ...fields, input, from: world.people.bob.symId };
    expect(await result('debug_getTransactionRlp', stranger)).toMatchObject({
      signature: expect.stringMatching(/^Fail! Expected the signature of the key 0x[0-9a-f]{40} of 0x/),
    });
    expect(await result('debug_getTransactionRlp', { ...fields, from: TO4 })).toMatchObject({
      signature: `Fail! ${TO4} has no key on this chain.`,
    });
  });

  it('refuses a passphrase, bytes that are no transaction, and a signature without form', async () => {
    const fields = { from: TO4, nonce: '0x0', gas: '0x1', gasPrice: '0x1' };
    expect(await rpc.call('debug_getTransactionRlp', fields, 'secret')).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/^expected no passphrase: debug_\* signs nothing/) },
    });
    expect(await rpc.call('debug_decodeTransactionRlp', '0xc0')).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/of 13 fields/) },
    });
    expect(await rpc.call('debug_getTransactionRlp', fields)).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/^Field r of the transaction: Expected/) },
    });
    expect(await rpc.call('debug_getTransactionRlp', { ...fields, v: '0x1b' })).toMatchObject({
      error: { code: -32602, message: 'expected v to be 0 or 1, got 27' },
    });
  });

  it('encodes and decodes citizens and oracle records the same way', async () => {
    const { alice } = world.people;
    const citizen: UnsignedCitizen = {
      from: world.genesis.ca.symId,
      to: alice.symId,
      nonce: 0n,
      symId: alice.symId,
      aKeyPubH: hashOf(alice.privateKey),
      vFlag: 18n,
      country: 0n,
      status: 1n,
      credit: 15n,
      role: 1n,
      refCode: 0n,
      writeTime: 562_290n,
      extra: new Uint8Array(0),
    };
    const signed = signCitizen(citizen, CHAIN_ID, world.keys.ca);
    const { vFlag, refCode, ...decoded } = (await result('debug_decodeCitizenRlp', toHex0x(signed.raw))) as Record<
      string,
      unknown
    >;
    expect(decoded).toMatchObject({ credit: '0xf', writeTime: '0x89472', hash: toHex0x(signed.hash), extraData: '0x' });
    // The documents' samples write two names in other cases.
    expect(await result('debug_getCitizenRlp', { ...decoded, VFlag: vFlag, refcode: refCode })).toEqual({
      encodedResult: toHex0x(encodeCitizen(signed.citizen)),
      signature: 'Success! Given signature is available.',
    });

    const oracle = signOracle(
      { from: alice.symId, to: TO4 as never, nonce: 0n, data: fromHex0x('0x7b7d'), extra: fromHex0x('0x123123') },
      CHAIN_ID,
      alice.privateKey,
    );
    const shown = await result('debug_decodeOracleRlp', toHex0x(oracle.raw));
    expect(shown).toMatchObject({ from: alice.symId, data: '0x7b7d', extraData: '0x123123' });
    expect(await result('debug_getOracleRlp', shown)).toEqual({
      encodedResult: toHex0x(encodeOracle(oracle.oracle)),
      signature: 'Success! Given signature is available.',
    });
  });
});
