/** Runs the examples of README.md: each stands here between two marks, and there word for word. */
import { readFileSync } from 'node:fs';
import { hexToBytes, toHex0x } from '@jigeum/std';
import { expect, test } from 'vitest';
import * as symverse from './index.ts';
import * as rpc from './rpc/index.ts';

const {
  CHAIN_ID,
  decodeSct20,
  decodeTransaction,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  nobleCrypto,
  parseSymId,
  recoverSigner,
  signTransaction,
} = symverse;
const { createRpcClient, RpcUnknownError } = rpc;

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');

/** The example with this name, as it stands in this file, without its indentation. */
function example(name: string): string {
  const [, text] = new RegExp(`// example ${name}\n(.*?)\n *// end of example`, 's').exec(read('./readme.test.ts'))!;
  const indent = /^ */.exec(text!)![0];
  return text!.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

const privateKey = hexToBytes('1a43aa399cb2efe186317e0b09f4a7ef88b83cff05089b145709881bf4db3a20');
const from = parseSymId('0x00021000000000010002');
const workNode = parseSymId('0x00020000000000010002');

function sign() {
  // example sign
  const to = parseSymId('0xff89fc8f8050e05fff64'); // the token's contract
  const receiver = parseSymId('0x00020000000000060002');
  const input = encodeSct20({ method: 'transfer', to: receiver, amount: 50n * HUG_PER_SYM });
  const gas = estimateGas({ to, input, type: 1 });
  const fields = { from, nonce: 7n, gasPrice: GAS_PRICE_HUG, gas, to, value: 0n, input } as const;
  const { raw, hashHex } = signTransaction(
    { ...fields, type: 1, workNodes: [workNode], extraData: new Uint8Array(0) },
    CHAIN_ID.testnet,
    privateKey,
  );

  const transaction = decodeTransaction(raw); // throws, naming the field, for all that is not in its one form
  const call = decodeSct20(transaction.input); // { method: 'transfer', to: '0x0002…0002', amount: 50000000000000000000n }
  const signer = recoverSigner(transaction, CHAIN_ID.testnet); // 20 bytes: compare with the chain's key hash of `from`
  // end of example
  return { raw, hashHex, transaction, call, signer, gas, receiver };
}

async function send(transport: rpc.RpcTransport, raw: Uint8Array) {
  // example send
  const node = createRpcClient({ transport }); // httpTransport('http://127.0.0.1:8545')
  try {
    return await node.call('sym_sendRawTransaction', raw);
  } catch (error) {
    if (!(error instanceof RpcUnknownError)) throw error; // the node said no
    return 'unknown'; // it may have been taken: send the same bytes again, or ask for their hash
  }
  // end of example
}

test('the README’s first example signs a transfer and reads it back', () => {
  const { hashHex, raw, transaction, call, signer, gas, receiver } = sign();
  expect(readme).toContain(example('sign'));
  expect(call).toEqual({ method: 'transfer', to: receiver, amount: 50n * 10n ** 18n });
  expect(gas).toBe(67_240n);
  expect(signer).toEqual(keyHash(nobleCrypto.publicKey(privateKey)));
  expect(transaction.from).toBe(from);
  expect(hashHex).toBe(toHex0x(symverse.transactionHash(raw)));
});

test('the README’s second example tells a refusal from an unknown outcome', async () => {
  expect(readme).toContain(example('send'));
  const { raw, hashHex } = sign();
  const answering = (text: string): rpc.RpcTransport => ({ post: () => Promise.resolve({ status: 200, text }) });
  expect(await send(answering(`{"jsonrpc":"2.0","id":1,"result":"${hashHex}"}`), raw)).toBe(hashHex);
  expect(await send(answering('<html>'), raw)).toBe('unknown');
  const refused = answering('{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"nonce too low"}}');
  await expect(send(refused, raw)).rejects.toMatchObject({ reason: 'nonce-too-low' });
});

test('the README imports names that exist, and is short', () => {
  const imports = [...readme.matchAll(/^import \{ ([^}]+) \} from '@jigeum\/symverse(\/rpc)?';$/gm)];
  expect(imports.length).toBe(2);
  for (const [, names, isRpc] of imports)
    for (const name of names!.split(', ')) expect(Object.keys(isRpc ? rpc : symverse)).toContain(name);
  expect(readme.split('\n').length).toBeLessThanOrEqual(80);
});
