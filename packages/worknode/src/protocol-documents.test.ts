/** docs/protocol/ against the code: its tables name what the code has, and the numbers of its examples are computed anew. */
import { readFileSync } from 'node:fs';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  EMPTY_TRIE_ROOT,
  encodeHeader,
  encodeReceipt,
  HEADER_FIELDS,
  headerHash,
  isSealedBy,
  keyHash,
  nobleCrypto,
  parseSymId,
  proveEntry,
  RECEIPT_FIELDS,
  sha3_256,
  signatureToBytes,
  trieRoot,
  verifyTrieProof,
  type BlockHeader,
} from '@jigeum/symverse';
import { RPC_METHODS } from '@jigeum/symverse/rpc';
import { expect, test } from 'vitest';
import { rowPath } from './state/row-path.ts';
import { encodeValue, ROOT_OF_TABLE, TABLE_NAMES } from './state/tables.ts';

const read = (page: string): string => readFileSync(new URL(`../../../docs/protocol/${page}`, import.meta.url), 'utf8');

/** The lines `name = value` of a page. */
const example = (page: string): Record<string, string> =>
  Object.fromEntries([...read(page).matchAll(/^(\S+) = (\S+)$/gm)].map(([, name, value]) => [name!, value!]));

/** The cells of a page's table rows that begin with a number. */
const numberedRows = (page: string): string[][] =>
  [...read(page).matchAll(/^\| (\d+ \|.*) \|$/gm)].map(([, row]) => row!.split('|').map((cell) => cell.trim()));
const inCode = (cell: string | undefined): string => cell!.replaceAll('`', '');

test('block-header.md lists the fields of a header in wire order', () => {
  const rows = numberedRows('block-header.md');
  expect(rows.map(([number]) => number)).toEqual(HEADER_FIELDS.map((_field, index) => String(index)));
  expect(rows.map(([, name]) => inCode(name))).toEqual(HEADER_FIELDS.map(([name]) => name));
});

test('receipts.md lists the fields of a receipt in wire order', () => {
  expect(numberedRows('receipts.md').map(([, name]) => inCode(name))).toEqual(RECEIPT_FIELDS.map(([name]) => name));
});

test('tries.md lists every table of the state with its number and root', () => {
  const rootNames = { coin: 'stateRoot', sct: 'sctRoot', citizen: 'citizen stateRoot' };
  expect(numberedRows('tries.md').map(([number, name, root]) => [number, inCode(name), inCode(root)])).toEqual(
    TABLE_NAMES.map((name, index) => [String(index), name, rootNames[ROOT_OF_TABLE[name]]]),
  );
});

test('README.md names every method that gives a proof', () => {
  const methods = Object.keys(RPC_METHODS).filter((name) => name.startsWith('jigeum_'));
  expect(methods.length).toBeGreaterThan(2);
  for (const method of methods) expect(read('README.md')).toContain(`\`${method}\``);
});

test('the example of tries.md holds', () => {
  const accounts = [0x06n, 0x07n, 0x08n].map((number, index) => ({
    symId: parseSymId(`0x000200000000000${number}0002`),
    row: encodeValue('account', { balance: 1000n + BigInt(index), nonce: 1n, deposit: 0n }),
  }));
  const entries = accounts.map(({ symId, row }) => ({ key: rowPath('account', symId, sha3_256), value: row }));
  const root = trieRoot(entries);
  const proof = proveEntry(entries, entries[1]!.key);
  expect(example('tries.md')).toEqual({
    'empty-root': toHex0x(EMPTY_TRIE_ROOT),
    ...Object.fromEntries(
      entries.flatMap(({ key, value }, index) => [
        [`path-${index}`, toHex0x(key)],
        [`row-${index}`, toHex0x(value)],
      ]),
    ),
    root: toHex0x(root),
    ...Object.fromEntries(proof.map((node, index) => [`node-${index}`, toHex0x(node)])),
  });
  expect(verifyTrieProof(root, entries[1]!.key, proof)).toEqual(entries[1]!.value);
});

test('the example of receipts.md holds', () => {
  const receipt = {
    status: 1,
    errCode: 0n,
    gasUsed: 67_240n,
    cumulativeGasUsed: 134_480n,
    contractAddress: null,
    logs: [],
  } as const;
  const failed = { ...receipt, status: 0, errCode: 2000n } as const;
  expect(example('receipts.md')).toEqual({
    receipt: toHex0x(encodeReceipt(receipt)),
    failed: toHex0x(encodeReceipt(failed)),
  });
});

test('the example of block-header.md holds', () => {
  const { sealerKey = '', sign = '', ...rest } = example('block-header.md');
  const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  const header: BlockHeader = {
    parentHash: hash(1),
    primary: parseSymId('0x00020000000000010003'),
    stateRoot: hash(2),
    sctRoot: hash(3),
    transactionsRoot: EMPTY_TRIE_ROOT,
    rewardRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    cbHash: hash(4),
    wbHash: hash(0),
    obHash: hash(0),
    number: 12n,
    cbNum: 3n,
    wbNum: 0n,
    obNum: 0n,
    activeCbNum: 3n,
    activeWbNum: 0n,
    activeObNum: 0n,
    logsBloom: new Uint8Array(256),
    tickStamp: 12n,
    time: 1_767_225_600n,
    gasLimit: 188_495_520n,
    gasUsed: 0n,
    extra: new Uint8Array(0),
  };
  const privateKey = fromHex0x(sealerKey);
  const sealerKeyHash = keyHash(nobleCrypto.publicKey(privateKey));
  const blockHash = headerHash(header);
  expect(rest).toEqual({
    'header-bytes': String(encodeHeader(header).length),
    'header-begins': toHex0x(encodeHeader(header).slice(0, 36)),
    'block-hash': toHex0x(blockHash),
    'sealer-key-hash': toHex0x(sealerKeyHash),
  });
  expect(sign).toBe(toHex0x(signatureToBytes(nobleCrypto.sign(blockHash, privateKey))));
  expect(isSealedBy(nobleCrypto, { blockHash, sign: fromHex0x(sign), sealerKeyHash })).toBe(true);
});
