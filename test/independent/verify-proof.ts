/**
 * Checks proofs of a Jigeum work node, as a stranger would: written from docs/protocol alone, it shares no code with the
 * packages of this repository. One sentence a file; the exit status is 0 when every proof holds, 1 when one does not.
 *
 *   node verify-proof.ts CHAIN_ID SEALER_KEY_HASH QUESTION FILE...
 *
 * CHAIN_ID and SEALER_KEY_HASH are what the asker trusts. QUESTION is a transaction's hash (jigeum_getTransactionProof), a
 * SymID (jigeum_getBalanceProof), CONTRACT/SYMID (jigeum_getContractAccountProof), or key/SYMID (jigeum_getCitizenProof). A file
 * holds the `result` as JSON.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';

type Item = Buffer | Item[];
type Json = Record<string, unknown>;

class Refusal extends Error {}

const [chainId = '', sealerKeyHash = '', question = '', ...files] = process.argv.slice(2);
if (files.length === 0) {
  console.error('Expected: verify-proof.ts CHAIN_ID SEALER_KEY_HASH QUESTION FILE...');
  process.exit(2);
}
let refused = 0;
for (const file of files) {
  try {
    const proof = JSON.parse(readFileSync(file, 'utf8')) as Json;
    console.log(`holds: ${check(proof)}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused++;
    console.log(`refused: ${error.message}`);
  }
}
process.exitCode = refused === 0 ? 0 : 1;

function check(proof: Json): string {
  need(BigInt(text(proof, 'chainId')) === BigInt(chainId), `the proof is of another chain than ${chainId}`);
  const header = list(decode(hex(proof, 'header')), 23, 'the header');
  const blockHash = sha3(hex(proof, 'header'));
  need(bytes(header[1]).equals(hex(proof, 'sealer')), 'the header names another sealer');
  need(text(proof, 'sealerKeyHash') === sealerKeyHash, 'the proof names another sealer key than the trusted one');
  const seal = hex(proof, 'sign');
  need(seal.length === 64, 'a seal has 64 bytes');
  const isSealed = [0, 1].some((v) => {
    const signer = keyHashOf(blockHash, integer(seal.subarray(0, 32)), integer(seal.subarray(32)), v);
    return signer !== null && `0x${signer}` === sealerKeyHash;
  });
  need(isSealed, 'the seal is not one of the trusted key over this header');
  const block = `block ${integer(bytes(header[10]))}`;

  if (question.length === 66) return `${checkTransaction(proof, header)} is in ${block}.`;
  if (question.startsWith('key/')) return `${checkCitizen(proof, header)} as of ${block}.`;
  const names = question.split('/');
  const asked = ['contract', 'symId'].slice(-names.length);
  asked.forEach((name, index) => need(text(proof, name) === names[index], `the proof is of another ${name}`));
  const isCoin = names.length === 1;
  // Table 0 holds accounts, under stateRoot; table 2 holds what SymIDs have of contracts, under sctRoot.
  const path = sha3(Buffer.concat([Buffer.of(isCoin ? 0 : 2), ...names.map((name) => unhex(name))]));
  const row = walk(bytes(header[isCoin ? 2 : 3]), path, nodes(proof, 'proof'));
  const claimed = isCoin ? proof['account'] : proof['holding'];
  need(
    claimed === (row === null ? null : `0x${row.toString('hex')}`),
    'the trie holds another row than the proof says',
  );
  if (row === null) return `${question} has nothing after ${block}.`;
  if (!isCoin) return `${question} is ${integer(bytes(decode(row)))} after ${block}.`;
  const [balance, nonce, deposit] = list(decode(row), 3, 'the account').map((item) => integer(bytes(item)));
  return `${question} has ${balance} hug, a deposit of ${deposit} and the nonce ${nonce} after ${block}.`;
}

function checkTransaction(proof: Json, header: readonly Item[]): string {
  const raw = hex(proof, 'transaction');
  need(`0x${sha3(raw).toString('hex')}` === question, 'the transaction has another hash');
  const fields = list(decode(raw), 13, 'the transaction');
  const payload = encode([...fields.slice(0, 10), encodeInteger(BigInt(chainId)), Buffer.alloc(0), Buffer.alloc(0)]);
  const [v, r, s] = fields.slice(10).map((item) => integer(bytes(item)));
  const signer = keyHashOf(sha3(payload), r!, s!, Number(v));
  if (signer === null) throw new Refusal('the transaction has a signature of no key');
  const key = encode(encodeInteger(BigInt(text(proof, 'transactionIndex'))));
  const inBlock = walk(bytes(header[4]), key, nodes(proof, 'transactionProof'));
  need(inBlock !== null && inBlock.equals(raw), 'another transaction stands there in the block');
  const receipt = walk(bytes(header[6]), key, nodes(proof, 'receiptProof'));
  need(receipt !== null && receipt.equals(hex(proof, 'receipt')), 'another receipt stands there in the block');
  const status = integer(bytes(list(decode(receipt!), 6, 'the receipt')[0]));
  return `Transaction ${question}, signed by the key 0x${signer} for 0x${bytes(fields[0]).toString('hex')}, status ${status},`;
}

function checkCitizen(proof: Json, header: readonly Item[]): string {
  const symId = question.slice(4);
  need(text(proof, 'symId') === symId, 'the proof is of another symId');
  need(sha3(hex(proof, 'citizenHeader')).equals(bytes(header[7])), 'the block names another citizen block');
  const root = bytes(list(decode(hex(proof, 'citizenHeader')), 6, 'the citizen header')[1]);
  const row = walk(root, sha3(Buffer.concat([Buffer.of(4), unhex(symId)])), nodes(proof, 'proof'));
  need(proof['citizen'] === (row && `0x${row.toString('hex')}`), 'the trie holds another row than the proof says');
  if (row === null) return `${symId} is nobody`;
  return `${symId} has the key 0x${bytes(list(decode(row), 11, 'the citizen')[1]).toString('hex')}`;
}

/** The value at a key, or null where the nodes show that there is none. */
function walk(root: Buffer, key: Buffer, proof: readonly Buffer[]): Buffer | null {
  const path = [...key.toString('hex')].map((digit) => Number.parseInt(digit, 16));
  // The constant of a trie without entries.
  const isEmpty = root.toString('hex') === '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
  let used = 0;
  let at = 0;
  let reference: Item = isEmpty ? Buffer.alloc(0) : root;
  const end = (value: Buffer | null): Buffer | null => {
    need(used === proof.length, 'the proof has surplus nodes');
    return value;
  };
  for (;;) {
    let node: Item = reference;
    if (Buffer.isBuffer(node)) {
      if (node.length === 0) return end(null);
      const next = proof[used++];
      if (next === undefined) throw new Refusal('the proof lacks a node');
      need(sha3(next).equals(node), `node ${used - 1} has another hash`);
      node = decode(next);
    }
    if (Buffer.isBuffer(node)) throw new Refusal(`node ${used - 1} is no node`);
    if (node.length === 17) {
      if (at === path.length) return end(bytes(node[16]).length === 0 ? null : bytes(node[16]));
      reference = node[path[at++]!]!;
      continue;
    }
    const digits = bytes(list(node, 2, 'a node')[0]).toString('hex');
    const flag = Number.parseInt(digits[0] ?? 'f', 16);
    need(flag <= 3 && (flag % 2 === 1 || digits[1] === '0'), `node ${used - 1} has a path in another form`);
    const part = [...digits.slice(flag % 2 === 1 ? 1 : 2)].map((digit) => Number.parseInt(digit, 16));
    const isOnPath = part.every((nibble, index) => path[at + index] === nibble);
    at += part.length;
    if (flag >= 2) return end(isOnPath && at === path.length ? bytes(node[1]) : null);
    if (!isOnPath) return end(null);
    reference = node[1]!;
  }
}

/** The key hash that made a signature over a hash, in hex; null when no key did, or its form is not the only one. */
function keyHashOf(hash: Buffer, r: bigint, s: bigint, v: number): string | null {
  const order = secp256k1.Point.Fn.ORDER;
  if (r < 1n || r >= order || s < 1n || s > order >> 1n || (v !== 0 && v !== 1)) return null;
  let key: Buffer;
  try {
    key = Buffer.from(new secp256k1.Signature(r, s, v).recoverPublicKey(hash).toBytes(false).slice(1));
  } catch {
    // The library throws where r is no point of the curve: such a signature is nobody's.
    return null;
  }
  return sha3(key).subarray(12).toString('hex');
}

function sha3(data: Buffer): Buffer {
  return createHash('sha3-256').update(data).digest();
}

/** Strict RLP: the whole buffer is one item in its only form. */
function decode(data: Buffer): Item {
  const { item, end } = decodeAt(data, 0);
  need(end === data.length, 'bytes follow the RLP');
  return item;
}

function decodeAt(data: Buffer, at: number): { item: Item; end: number } {
  const prefix = data[at];
  if (prefix === undefined) throw new Refusal('the RLP ends too early');
  if (prefix < 0x80) return { item: data.subarray(at, at + 1), end: at + 1 };
  const isList = prefix >= 0xc0;
  let length = prefix - (isList ? 0xc0 : 0x80);
  let start = at + 1;
  if (length > 55) {
    const size = length - 55;
    need(size <= 4 && start + size <= data.length && data[start] !== 0, 'the RLP has a length in another form');
    length = data.readUIntBE(start, size);
    start += size;
    need(length > 55, 'the RLP has a length in another form');
  }
  const end = start + length;
  need(end <= data.length, 'the RLP ends too early');
  if (!isList) {
    need(length !== 1 || data[start]! >= 0x80, 'the RLP has a byte in another form');
    return { item: data.subarray(start, end), end };
  }
  const items: Item[] = [];
  while (start < end) {
    const child = decodeAt(data.subarray(0, end), start);
    items.push(child.item);
    start = child.end;
  }
  return { item: items, end };
}

function encode(item: Item): Buffer {
  if (Buffer.isBuffer(item)) return item.length === 1 && item[0]! < 0x80 ? item : prefixed(0x80, item);
  return prefixed(0xc0, Buffer.concat(item.map(encode)));
}

function prefixed(base: number, payload: Buffer): Buffer {
  if (payload.length <= 55) return Buffer.concat([Buffer.of(base + payload.length), payload]);
  const size = encodeInteger(BigInt(payload.length));
  return Buffer.concat([Buffer.of(base + 55 + size.length), size, payload]);
}

function encodeInteger(value: bigint): Buffer {
  const digits = value.toString(16);
  return value === 0n ? Buffer.alloc(0) : Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

function integer(data: Buffer): bigint {
  return data.length === 0 ? 0n : BigInt(`0x${data.toString('hex')}`);
}

function bytes(item: Item | undefined): Buffer {
  if (!Buffer.isBuffer(item)) throw new Refusal('a list stands where bytes belong');
  return item;
}

function list(item: Item, length: number, what: string): Item[] {
  if (Buffer.isBuffer(item) || item.length !== length) throw new Refusal(`${what} is no list of ${length}`);
  return item;
}

function text(proof: Json, name: string): string {
  const value = proof[name];
  if (typeof value !== 'string' || !/^0x([0-9a-f]{2})*$|^0x[0-9a-f]+$/.test(value))
    throw new Refusal(`${name} is missing`);
  return value;
}

function hex(proof: Json, name: string): Buffer {
  return unhex(text(proof, name));
}

function nodes(proof: Json, name: string): Buffer[] {
  const value = proof[name];
  if (!Array.isArray(value)) throw new Refusal(`${name} is missing`);
  return value.map((node: unknown) => hex({ node }, 'node'));
}

function unhex(digits: string): Buffer {
  return Buffer.from(digits.slice(2), 'hex');
}

function need(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Refusal(otherwise);
}
