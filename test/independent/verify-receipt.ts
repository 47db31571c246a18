/**
 * Checks payment receipts as a stranger would: written from docs/protocol/payment-receipt.md alone, it shares no code with the
 * packages of this repository. One sentence a file; the exit status is 0 when every receipt holds, 1 when one does not.
 *
 *   node verify-receipt.ts ISSUER_PUBLIC_KEY SEALER_KEY_HASH FILE...
 *
 * The two keys, in hex with 0x, are what the asker trusts.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
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
} from './chain-bytes.ts';

const [issuerKey = '', sealerKeyHash = '', ...files] = process.argv.slice(2);
if (files.length === 0) {
  console.error('Expected: verify-receipt.ts ISSUER_PUBLIC_KEY SEALER_KEY_HASH FILE...');
  process.exit(2);
}
let refused = 0;
for (const file of files) {
  try {
    console.log(`holds: ${check(readFileSync(file))}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused++;
    console.log(`refused: ${error.message}`);
  }
}
process.exitCode = refused === 0 ? 0 : 1;

function check(file: Buffer): string {
  // {"receipt": is 11 bytes; ,"signature":" and 88 digits and "} are 104.
  const head = file.subarray(0, 11).toString();
  const tail = /^,"signature":"([A-Za-z0-9+/]{86}==)"\}$/.exec(file.subarray(-104).toString());
  if (head !== '{"receipt":' || tail === null) throw new Refusal('the file has not the form of a receipt');
  const signed = file.subarray(11, -104);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), unhex(issuerKey)]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const signature = Buffer.from(tail[1]!, 'base64');
  need(signature.toString('base64') === tail[1], 'the signature has bits too many');
  need(verify(null, signed, key, signature), 'the issuer has not signed this');

  // From here on every byte is what the issuer signed; the form still has to be the only one.
  const receipt = JSON.parse(signed.toString()) as Record<string, unknown>;
  need(canonical(receipt) === signed.toString(), 'the receipt is not canonical JSON');
  const at = (path: string): string =>
    String(path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], receipt));
  const binary = (path: string): Buffer => Buffer.from(at(path), 'base64');
  const nodes = (name: string): Buffer[] =>
    ((receipt['proof'] as Record<string, string[]>)[name] ?? []).map((node) => Buffer.from(node, 'base64'));
  need(at('format') === 'jigeum-receipt' && at('version') === '1' && at('result') === 'success', 'it is another kind');
  const keyId = `0x${createHash('sha256').update(unhex(issuerKey)).digest('hex')}`;
  need(at('issuer.keyId') === keyId, 'it names another issuer');

  const header = list(decode(binary('block.header')), 23, 'the header');
  const hash = sha3(binary('block.header'));
  need(`0x${hash.toString('hex')}` === at('block.hash'), 'the header has another hash');
  need(integer(bytes(header[10])).toString() === at('block.number'), 'the header has another number');
  need(bytes(header[1]).equals(unhex(at('sealer.symId'))), 'the header names another sealer');
  need(integer(bytes(header[19])) * 1000n === BigInt(Date.parse(at('time'))), 'the header has another time');
  need(at('sealer.keyHash') === sealerKeyHash, 'it names another sealer key');
  const seal = binary('block.seal');
  need(seal.length === 64, 'a seal has 64 bytes');
  const isSealed = [0, 1].some(
    (v) => `0x${keyHashOf(hash, integer(seal.subarray(0, 32)), integer(seal.subarray(32)), v)}` === sealerKeyHash,
  );
  need(isSealed, 'the seal is not one of the trusted key over this header');

  const place = encode(encodeInteger(BigInt(at('proof.index'))));
  const raw = walk(bytes(header[4]), place, nodes('transaction'));
  if (raw === null) throw new Refusal('nothing stands there in the block');
  need(`0x${sha3(raw).toString('hex')}` === at('transactionHash'), 'another transaction stands there in the block');
  const fields = list(decode(raw), 13, 'the transaction');
  const payload = encode([
    ...fields.slice(0, 10),
    encodeInteger(BigInt(at('chainId'))),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ]);
  const [v, r, s] = fields.slice(10).map((item) => integer(bytes(item)));
  const signer = keyHashOf(sha3(payload), r!, s!, Number(v));
  if (signer === null) throw new Refusal('the transaction has a signature of no key');

  need(bytes(fields[0]).equals(unhex(at('payer'))), 'another payer signed');
  need(bytes(fields[4]).equals(unhex(at('token.contract'))), 'it is another token');
  need(integer(bytes(fields[7])) === 1n, 'the transaction runs no contract');
  // An SCT20 call: template 20, method 1 (transfer), the payee and the amount.
  const call = list(decode(bytes(fields[6])), 3, 'the call');
  const [to, amount] = list(call[2]!, 2, 'the parameters');
  need(integer(bytes(call[0])) === 20n && integer(bytes(call[1])) === 1n, 'the call is no transfer');
  need(bytes(to).equals(unhex(at('payee'))), 'it pays another payee');
  need(integer(bytes(amount)).toString() === at('amount.base'), 'it pays another amount');
  const decimals = Number(at('token.decimals'));
  const [words = '', symbol] = at('amount.words').split(' ');
  const [whole = '', fraction = ''] = words.replaceAll(',', '').split('.');
  need(symbol === at('token.symbol'), 'the words name another token');
  need(BigInt(whole + fraction.padEnd(decimals, '0')) === integer(bytes(amount)), 'the words name another amount');

  const outcome = walk(bytes(header[6]), place, nodes('receipt'));
  if (outcome === null) throw new Refusal('no receipt of the chain stands there in the block');
  need(integer(bytes(list(decode(outcome), 6, 'the chain receipt')[0])) === 1n, 'the transaction failed');
  return `${at('amount.words')} from ${at('payer')}, signed by the key 0x${signer}, to ${at('payee')} in block ${at('block.number')}.`;
}

/** Sorted keys, no spaces. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
}
