/** Signed transactions: of symjs, of the test network, of documents, of sym-tools and of the PHP client. */
import { expect } from 'vitest';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  citizenHash,
  decodeCitizen,
  decodeOracle,
  decodeRlp,
  decodeTransaction,
  encodeCitizen,
  encodeOracle,
  encodeRlp,
  encodeTransaction,
  integerToBytes,
  isRlpList,
  keyHash,
  nobleCrypto,
  oracleHash,
  parseSymId,
  recoverPublicKey,
  recoverSigner,
  RecordError,
  sha3_256,
  signatureFromBytes,
  signingHash,
  signingPayload,
  signTransaction,
  transactionHash,
  type ProtocolCrypto,
  type RlpItem,
  type UnsignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { onlyFields, type Hex, type Section } from './section.ts';

const CRYPTOS: readonly ProtocolCrypto[] = [nobleCrypto, nativeCrypto];
/** RLP as nested hex, as the vectors print it. */
const shown = (item: RlpItem): unknown => (isRlpList(item) ? item.map(shown) : toHex0x(item));

interface SymjsTransaction {
  readonly name: string;
  readonly private_key: Hex;
  readonly input: Readonly<Record<string, unknown>> & { readonly chainId: number };
  readonly raw: Hex;
  readonly fields: unknown;
  readonly signing_rlp: Hex;
  readonly signing_hash_sha3_256: Hex;
  readonly v: number;
  readonly r: Hex;
  readonly s: Hex;
  readonly tx_hash_sha3_256_of_raw: Hex;
  readonly recovered_public_key: Hex;
  readonly recovered_public_key_hash: Hex;
  readonly recovers_to_signer: boolean;
}

/** What the caller handed to symjs, read without a look at the bytes that came out. */
function meant(input: SymjsTransaction['input']): UnsignedTransaction {
  onlyFields(
    input,
    'from',
    'nonce',
    'gasPrice',
    'gasLimit',
    'to',
    'value',
    'input',
    'type',
    'workNodes',
    'extra',
    'chainId',
  );
  const integer = (name: string): bigint => BigInt((input[name] as string | number | undefined) ?? 0);
  return {
    from: parseSymId(input['from'] as string),
    nonce: integer('nonce'),
    gasPrice: integer('gasPrice'),
    gas: integer('gasLimit'),
    to: input['to'] === undefined ? null : parseSymId(input['to'] as string),
    value: integer('value'),
    input: fromHex0x((input['input'] as string | undefined) ?? '0x'),
    type: (input['type'] as 0 | 1 | 2 | undefined) ?? 0,
    workNodes: (input['workNodes'] as readonly string[] | undefined)?.map(parseSymId) ?? null,
    extraData: new TextEncoder().encode((input['extra'] as string | undefined) ?? ''),
  };
}

export const transactions: Section<readonly SymjsTransaction[]> = (entries) =>
  entries.map((entry) => ({
    name: entry.name,
    run() {
      onlyFields(
        entry,
        'private_key',
        'input',
        'raw',
        'fields',
        'signing_rlp',
        'signing_hash_sha3_256',
        'v',
        'r',
        's',
        'tx_hash_sha3_256_of_raw',
        'recovered_public_key',
        'recovered_public_key_hash',
        'recovers_to_signer',
      );
      const unsigned = meant(entry.input);
      const chainId = BigInt(entry.input.chainId);
      const decoded = decodeTransaction(fromHex0x(entry.raw));
      const { v, r, s, ...rest } = decoded;
      expect(rest).toEqual(unsigned);
      expect({ v, r, s }).toEqual({ v: entry.v, r: BigInt(entry.r), s: BigInt(entry.s) });
      expect(toHex0x(encodeTransaction(decoded))).toBe(entry.raw);
      expect(shown(decodeRlp(fromHex0x(entry.raw)))).toEqual(entry.fields);
      expect(toHex0x(signingPayload(unsigned, chainId))).toBe(entry.signing_rlp);
      for (const crypto of CRYPTOS) {
        expect(toHex0x(signingHash(unsigned, chainId, crypto.sha3))).toBe(entry.signing_hash_sha3_256);
        const signed = signTransaction(unsigned, chainId, fromHex0x(entry.private_key), crypto);
        expect(toHex0x(signed.raw)).toBe(entry.raw);
        expect(signed.hashHex).toBe(entry.tx_hash_sha3_256_of_raw);
        expect(toHex0x(recoverPublicKey(decoded, chainId, crypto))).toBe(entry.recovered_public_key);
        expect(toHex0x(recoverSigner(decoded, chainId, crypto))).toBe(entry.recovered_public_key_hash);
        const own = keyHash(crypto.publicKey(fromHex0x(entry.private_key)));
        expect(toHex0x(own) === entry.recovered_public_key_hash).toBe(entry.recovers_to_signer);
      }
    },
  }));

export const real_transactions: Section<
  readonly {
    name: string;
    tx: Readonly<Record<string, Hex>> & { readonly workNodes: readonly Hex[] };
    hash: Hex;
    signer_key_hash_on_chain: Hex;
    chainId: number;
    raw: Hex;
    signing_rlp: Hex;
    signing_hash: Hex;
    recovered_public_key: Hex;
    checked: string;
  }[]
> = (entries) =>
  entries.map((entry) => ({
    name: entry.name,
    run() {
      onlyFields(
        entry,
        'tx',
        'hash',
        'signer_key_hash_on_chain',
        'chainId',
        'raw',
        'signing_rlp',
        'signing_hash',
        'recovered_public_key',
        'checked',
      );
      const { tx } = entry;
      onlyFields(
        tx,
        'from',
        'nonce',
        'gasPrice',
        'gas',
        'to',
        'value',
        'input',
        'type',
        'workNodes',
        'extraData',
        'v',
        'r',
        's',
      );
      const transaction = {
        from: parseSymId(tx['from']!),
        nonce: BigInt(tx['nonce']!),
        gasPrice: BigInt(tx['gasPrice']!),
        gas: BigInt(tx['gas']!),
        to: parseSymId(tx['to']!),
        value: BigInt(tx['value']!),
        input: fromHex0x(tx['input']!),
        type: 0 as const,
        workNodes: tx.workNodes.map(parseSymId),
        extraData: fromHex0x(tx['extraData']!),
        ...signatureFromBytes(fromHex0x(`0x${tx['r']!.slice(2)}${tx['s']!.slice(2)}`), 0),
      };
      expect([tx['type'], tx['v']]).toEqual(['0x0', '0x0']);
      expect(toHex0x(encodeTransaction(transaction))).toBe(entry.raw);
      expect(decodeTransaction(fromHex0x(entry.raw))).toEqual(transaction);
      expect(toHex0x(transactionHash(fromHex0x(entry.raw)))).toBe(entry.hash);
      const chainId = BigInt(entry.chainId);
      expect(toHex0x(signingPayload(transaction, chainId))).toBe(entry.signing_rlp);
      expect(toHex0x(signingHash(transaction, chainId))).toBe(entry.signing_hash);
      for (const crypto of CRYPTOS) {
        expect(toHex0x(recoverPublicKey(transaction, chainId, crypto))).toBe(entry.recovered_public_key);
        expect(toHex0x(recoverSigner(transaction, chainId, crypto))).toBe(entry.signer_key_hash_on_chain);
        for (const other of [1n, 3n, 100n, 101n, 7777n])
          expect(toHex0x(recoverSigner(transaction, other, crypto))).not.toBe(entry.signer_key_hash_on_chain);
      }
    },
  }));

/** What is documented as bytes with a hash: the codec of each kind. */
const KINDS = {
  transaction: { turn: (raw: Uint8Array) => encodeTransaction(decodeTransaction(raw)), hash: transactionHash },
  citizen: { turn: (raw: Uint8Array) => encodeCitizen(decodeCitizen(raw)), hash: citizenHash },
  oracle: { turn: (raw: Uint8Array) => encodeOracle(decodeOracle(raw)), hash: oracleHash },
};

export const doc_raw_hash_pairs: Section<
  readonly { kind: keyof typeof KINDS; raw: Hex; hash: Hex; fields: unknown }[]
> = (entries) =>
  entries.map((entry) => ({
    name: `${entry.kind} ${entry.hash}`,
    run() {
      onlyFields(entry, 'kind', 'raw', 'hash', 'fields');
      const raw = fromHex0x(entry.raw);
      const { turn, hash } = KINDS[entry.kind];
      expect(toHex0x(turn(raw))).toBe(entry.raw);
      expect(toHex0x(hash(raw))).toBe(entry.hash);
      expect(shown(decodeRlp(raw))).toEqual(entry.fields);
    },
  }));

export const sym_tools_signing: Section<{
  chainId: number;
  unsigned_rlp: Hex;
  signing_hash: Hex;
  v: Hex;
  r: Hex;
  s: Hex;
  raw: Hex;
  recovered_public_key: Hex;
}> = (entry) => [
  {
    name: 'the transaction that its documents print',
    run() {
      onlyFields(entry, 'chainId', 'unsigned_rlp', 'signing_hash', 'v', 'r', 's', 'raw', 'recovered_public_key');
      const chainId = BigInt(entry.chainId);
      const transaction = decodeTransaction(fromHex0x(entry.raw));
      expect(toHex0x(encodeTransaction(transaction))).toBe(entry.raw);
      expect([transaction.v, transaction.r, transaction.s]).toEqual([0, BigInt(entry.r), BigInt(entry.s)]);
      expect(entry.v).toBe('0x0');
      const payload = decodeRlp(signingPayload(transaction, chainId)) as readonly RlpItem[];
      expect(toHex0x(encodeRlp(payload.slice(0, 10)))).toBe(entry.unsigned_rlp);
      expect(toHex0x(signingHash(transaction, chainId))).toBe(entry.signing_hash);
      for (const crypto of CRYPTOS)
        expect(toHex0x(recoverPublicKey(transaction, chainId, crypto))).toBe(entry.recovered_public_key);
    },
  },
];

export const php_raws: Section<readonly { raw: Hex; chainId: number; recovered_public_key: Hex; tx_hash: Hex }[]> = (
  entries,
) =>
  entries.map((entry) => ({
    name: `is refused by the field’s name, and is what it is said to be: ${entry.tx_hash}`,
    run() {
      onlyFields(entry, 'raw', 'chainId', 'recovered_public_key', 'tx_hash');
      const raw = fromHex0x(entry.raw);
      expect(() => decodeTransaction(raw)).toThrow(RecordError);
      expect(() => decodeTransaction(raw)).toThrow(expect.objectContaining({ field: 'type' }));
      expect(toHex0x(transactionHash(raw))).toBe(entry.tx_hash);
      // It is well-formed RLP, signed as it is written: with the byte 0x00 for zero.
      const items = decodeRlp(raw) as readonly Uint8Array[];
      const nothing = new Uint8Array(0);
      const payload = encodeRlp([...items.slice(0, 10), integerToBytes(BigInt(entry.chainId)), nothing, nothing]);
      const [v, r, s] = items.slice(10).map((bytes) => BigInt(toHex0x(bytes).padEnd(3, '0'))) as [
        bigint,
        bigint,
        bigint,
      ];
      expect(v).toBe(0n);
      for (const crypto of CRYPTOS)
        expect(toHex0x(crypto.recover(sha3_256(payload), { v: 0, r, s }))).toBe(entry.recovered_public_key);
    },
  }));
