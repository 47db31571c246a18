/**
 * Checks proofs of a Jigeum work node, as a stranger would: written from docs/protocol alone, it shares no code with the
 * packages of this repository. One sentence a file; the exit status is 0 when every proof holds, 1 when one does not.
 *
 *   node verify-proof.ts CHAIN_ID SEALER_KEY_HASH QUESTION FILE...
 *
 * CHAIN_ID and SEALER_KEY_HASH are what the asker trusts. QUESTION is a transaction's hash (jigeum_getTransactionProof), a
 * SymID (jigeum_getBalanceProof), CONTRACT/SYMID (jigeum_getContractAccountProof), contract/CONTRACT (jigeum_getContractProof), or
 * key/SYMID (jigeum_getCitizenProof). A file holds the `result` as JSON.
 */
import { readFileSync } from 'node:fs';
import {
  bytes,
  decode,
  encode,
  encodeInteger,
  integer,
  keyHashOf,
  list,
  need,
  Refusal,
  sha3,
  unhex,
  walk,
  type Item,
} from './chain-bytes.ts';

type Json = Record<string, unknown>;

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
  if (question.startsWith('contract/')) return `${checkContract(proof, header)} after ${block}.`;
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

function checkContract(proof: Json, header: readonly Item[]): string {
  const contract = question.slice('contract/'.length);
  need(text(proof, 'contract') === contract, 'the proof is of another contract');
  // Table 1 holds contracts, under sctRoot.
  const row = walk(bytes(header[3]), sha3(Buffer.concat([Buffer.of(1), unhex(contract)])), nodes(proof, 'proof'));
  need(proof['row'] === (row && `0x${row.toString('hex')}`), 'the trie holds another row than the proof says');
  if (row === null) return `${contract} is no contract`;
  const facts = decode(row);
  if (!Array.isArray(facts)) throw new Refusal('the contract is no list');
  const template = integer(bytes(facts[0]));
  // SCT20 and SCT30 have the seven fields of all; the others one of their own behind them.
  list(facts, template === 20n || template === 30n ? 7 : 8, 'the contract');
  const [owner, symbol] = [facts[2], facts[4]].map(bytes);
  const isPaused = integer(bytes(facts[6])) === 1n;
  const total = integer(bytes(facts[5]));
  return `${contract} is the SCT${template} ${symbol!.toString('utf8')} of 0x${owner!.toString('hex')}, total ${total}, ${isPaused ? 'paused' : 'not paused'}`;
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
