import { describe, expect, test } from 'vitest';
import { parseSymId } from '../symid.ts';
import { symverseVectors } from '../testing/vectors.ts';
import { RpcShapeError, type Json } from './codec.ts';
import {
  decodeRpcParams,
  decodeRpcResult,
  encodeRpcParams,
  encodeRpcResult,
  isRpcMethod,
  RPC_METHODS,
  type RpcArguments,
  type RpcMethod,
  type RpcReceipt,
} from './schema.ts';

const alice = parseSymId('0x00020000000000010002');
const token = parseSymId('0xff89fc8f8050e05fff64');
const hash: `0x${string}` = `0x${'11'.repeat(32)}`;

/** What the published clients were seen to send; a null request is a call that throws inside the client. */
const CAPTURED = Object.entries(symverseVectors().rpc_client_requests.clients).flatMap(([client, calls]) =>
  calls.flatMap(({ client_call, request }) => (request ? [{ client, call: client_call, ...request }] : [])),
);

/** Methods that the clients know and this package does not speak. The first two and the last need keys in the node. */
const NOT_SPOKEN = new Set([
  'sym_sign',
  'sym_setDeposit',
  'sym_restoreDeposit',
  'citizen_getRawCitizenByHash',
  'citizen_getCitizensByBlockNumber',
  'citizen_getBlockByHash',
  'citizen_getBlockByNumber',
  'citizen_getBlockCitizenCountByHash',
  'citizen_getBlockCitizenCountByNumber',
  'citizen_pendingCitizens',
]);

describe('the schema', () => {
  const spoken = CAPTURED.filter(({ method }) => isRpcMethod(method));

  test('speaks every captured method but the listed ones and the warrant and oracle chains', () => {
    const missing = new Set(
      CAPTURED.map(({ method }) => method).filter(
        (method) => !isRpcMethod(method) && !/^(warrant|oracle)_/.test(method),
      ),
    );
    expect([...missing].filter((method) => !NOT_SPOKEN.has(method))).toEqual([]);
    expect(spoken.length).toBeGreaterThan(50);
  });

  test.each(spoken)('reads what $client sends for $call', ({ method, params }) => {
    const name = method as RpcMethod;
    const decoded = decodeRpcParams(name, params);
    // Trailing defaults are written out, everything else comes back as it was sent.
    expect(encodeRpcParams(name, decoded as RpcArguments<RpcMethod>).slice(0, params.length)).toEqual(params);
  });

  test('fills in the block that a caller leaves out', () => {
    expect(decodeRpcParams('sym_getBalance', [alice])).toEqual([alice, 'latest']);
    expect(decodeRpcParams('sym_getBalance', [alice, null])).toEqual([alice, 'latest']);
    expect(decodeRpcParams('sym_getTransactionCount', [alice, 'pending'])).toEqual([alice, 'pending']);
    expect(decodeRpcParams('sct_getAllowance', [token, alice, alice, '0x1f'])).toEqual([token, alice, alice, 31n]);
    expect(decodeRpcParams('sym_blockNumber', undefined)).toEqual([]);
    expect(encodeRpcParams('sym_getBalance', [alice])).toEqual([alice, 'latest']);
    expect(encodeRpcParams('sym_getBlockByNumber', [31n])).toEqual(['0x1f', false]);
  });

  test('does not take the names of Object’s own members for methods', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', ''])
      expect(isRpcMethod(name)).toBe(false);
  });

  test.each<[RpcMethod, unknown, string]>([
    ['sym_getBalance', [], 'sym_getBalance parameter 1 (symId): Expected a SymID: 0x and 20 hex digits, got nothing.'],
    ['sym_getBalance', ['0x1234'], 'sym_getBalance parameter 1 (symId)'],
    ['sym_getBalance', [alice, 'newest'], 'parameter 2 (block): Expected a block'],
    ['sym_getBalance', [alice, '0x01'], 'parameter 2 (block): Expected a block'],
    ['sym_getBalance', [alice, `0x1${'0'.repeat(16)}`], 'parameter 2 (block): Expected a block'],
    ['sym_getBalance', [alice, 'latest', 1], 'Expected at most 2 parameters, got a list of 3'],
    ['sym_getBalance', { symId: alice }, 'Expected parameters as a list, got an object'],
    ['sym_getTransactionByHash', ['0x11'], 'Expected a hash of 32 bytes'],
    ['sym_getBlockByNumber', ['latest', 'yes'], 'parameter 2 (isFull): Expected true or false'],
    ['sym_sendRawTransaction', ['0x123'], 'Expected DATA'],
    ['sym_sendRawTransaction', ['f873'], 'Expected DATA'],
    ['sym_sendRawTransaction', [`0x${'00'.repeat(131_073)}`], 'of at most 131072 bytes, got text of 262148 characters'],
    [
      'sym_getTransactionByBlockNumberAndIndex',
      ['0x1', 0],
      'parameter 2 (index): Expected a QUANTITY such as "0x1f" (no leading zeros), got the number 0.',
    ],
    ['sym_estimateGas', ['x'], 'Expected an object'],
  ])('refuses parameters of %s: %j', (method, params, message) => {
    expect(() => decodeRpcParams(method, params)).toThrow(RpcShapeError);
    expect(() => decodeRpcParams(method, params)).toThrow(message);
  });

  const receipt: RpcReceipt = {
    blockHash: hash,
    blockNumber: 7n,
    transactionHash: hash,
    transactionIndex: 0n,
    from: alice,
    to: token,
    contractAddress: null,
    gasUsed: 67_240n,
    cumulativeGasUsed: 67_240n,
    status: 0n,
    logs: [],
    logsBloom: new Uint8Array(256),
    errCode: 2000n,
  };

  test('writes a receipt with errCode only when it has one, and reads it back', () => {
    const json = encodeRpcResult('sym_getTransactionReceipt', receipt) as Readonly<Record<string, Json>>;
    expect(json).toMatchObject({
      status: '0x0',
      errCode: '0x7d0',
      gasUsed: '0x106a8',
      contractAddress: null,
      logs: [],
    });
    expect(decodeRpcResult('sym_getTransactionReceipt', JSON.parse(JSON.stringify(json)))).toEqual(receipt);
    const { errCode: _errCode, ...success } = receipt;
    expect(encodeRpcResult('sym_getTransactionReceipt', success)).not.toHaveProperty('errCode');
    expect(decodeRpcResult('sym_getTransactionReceipt', null)).toBeNull();
  });

  test('reads the contract that the paper’s Figure 19 and a live sample show', () => {
    const figure = {
      creator: '0x00035b875ec2c5410002',
      name: 'eSportsToken',
      owner: '0x00035b875ec2c5410002',
      state: 'active',
      stateCode: '0x0',
      symbol: 'EST',
      total: '0x204fce5e3e25026110000000',
      type: 'sct20',
    };
    const contract = decodeRpcResult('sct_getContract', figure);
    expect(contract).toEqual({ ...figure, stateCode: 0n, total: 10n ** 28n });
    expect(encodeRpcResult('sct_getContract', contract)).toEqual(figure);
    const live = {
      ...figure,
      lock: '0x0',
      name: 'SYMVERSE',
      symbol: 'SYM',
      total: '0x3635c9adc5dea00000',
      type: 'sct21',
    };
    expect(decodeRpcResult('sct_getContract', live)).toMatchObject({ lock: 0n, total: 1000n * 10n ** 18n });
  });

  test.each<[RpcMethod, unknown, string]>([
    ['sym_getBalance', 12, 'sym_getBalance result: Expected a QUANTITY'],
    ['sym_getBalance', '0x', 'Expected a QUANTITY'],
    ['sym_getBalance', '0x00', 'Expected a QUANTITY'],
    ['sym_getBalance', `0x1${'0'.repeat(64)}`, 'got "0x1000'],
    ['sym_getBalance', null, 'got null'],
    ['sym_getTransactionReceipt', { ...{ blockHash: hash } }, 'sym_getTransactionReceipt result.blockNumber'],
    ['sct_getContract', [], 'Expected an object, got a list of 0'],
    ['sym_syncing', true, 'Expected an object'],
    ['rpc_modules', { sym: 1 }, 'rpc_modules result.sym: Expected text'],
  ])('refuses a result of %s: %j', (method, result, message) => {
    expect(() => decodeRpcResult(method, result)).toThrow(message);
  });

  test('tells not syncing from syncing', () => {
    const progress = { startingBlock: '0x1', currentBlock: '0x2', highestBlock: '0x3' };
    expect(decodeRpcResult('sym_syncing', false)).toBe(false);
    expect(decodeRpcResult('sym_syncing', progress)).toEqual({ startingBlock: 1n, currentBlock: 2n, highestBlock: 3n });
    expect(encodeRpcResult('sym_syncing', false)).toBe(false);
    expect(encodeRpcResult('sym_syncing', { startingBlock: 1n, currentBlock: 2n, highestBlock: 3n })).toEqual(progress);
  });

  test('names every parameter, and has optional ones only at the end', () => {
    for (const { params, names } of Object.values(RPC_METHODS)) {
      expect(names.length).toBe(params.length);
      const isOptional = (params as readonly object[]).map((codec) => 'fallback' in codec);
      expect(isOptional).toEqual(isOptional.toSorted());
    }
  });
});

test('a block is read with its time under either name, and with hashes or whole transactions', () => {
  const quantities = [
    'number',
    'cbNum',
    'wbNum',
    'obNum',
    'activeCbNum',
    'activeWbNum',
    'activeObNum',
    'tickStamp',
    'gasLimit',
    'gasUsed',
    'size',
  ];
  const hashes = [
    'hash',
    'parentHash',
    'stateRoot',
    'sctRoot',
    'transactionsRoot',
    'rewardRoot',
    'receiptsRoot',
    'cbHash',
    'wbHash',
    'obHash',
  ];
  const whole = {
    blockHash: null,
    blockNumber: null,
    transactionIndex: null,
    hash,
    from: alice,
    nonce: '0x0',
    gasPrice: '0x174876e800',
    gas: '0xbf68',
    to: null,
    value: '0x0',
    input: '0x',
    type: '0x0',
    workNodes: [alice],
    v: '0x0',
    r: '0x1',
    s: '0x1',
  };
  const json = {
    ...Object.fromEntries(quantities.map((name) => [name, '0x1'])),
    ...Object.fromEntries(hashes.map((name) => [name, hash])),
    primary: alice,
    logsBloom: `0x${'00'.repeat(256)}`,
    extraData: '0x',
    transactions: [hash, whole],
    rewards: [],
    validatorInfos: [alice],
    signInfo: { mbNum: '0x1', sign: `0x${'00'.repeat(64)}`, extraData: '0x' },
    timestamp: '0x5d9bf803',
  };
  const block = decodeRpcResult('sym_getBlockByNumber', json)!;
  expect(block.timeStamp).toBe(0x5d9bf803n);
  expect(block.transactions[0]).toBe(hash);
  expect(block.transactions[1]).toMatchObject({ nonce: 0n, gas: 49_000n, to: null });
  const { timestamp, ...rest } = json;
  expect(encodeRpcResult('sym_getBlockByNumber', block)).toEqual({ ...rest, timeStamp: timestamp });
});
