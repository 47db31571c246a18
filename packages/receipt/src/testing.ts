/** Receipts over a block that this file makes: token transfers, header and seal by keys that everybody knows. Only tests import it. */
import {
  createTrieProver,
  encodeHeader,
  encodeReceipt,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  indexEntries,
  indexKey,
  keyHash,
  parseSymId,
  signatureToBytes,
  signTransaction,
  type BlockHeader,
  type TransactionProof,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { ReceiptFacts } from './issue.ts';
import { createIssuer } from './issuer.ts';
import type { KnownKeys } from './verify.ts';

const PAYER = parseSymId('0x00030000000000060002');
const PAYEE = parseSymId('0x00030000000000070002');
const SEALER = parseSymId('0x00030000000000010002');
const CONTRACT = parseSymId('0xff89fc8f8050e05fff64');
const CHAIN_ID = 7777n;
const PAYER_KEY = new Uint8Array(32).fill(1);
const SEALER_KEY = new Uint8Array(32).fill(2);
const ZERO = new Uint8Array(32);

export const issuer = createIssuer(new Uint8Array(32).fill(3));
const sealerKeyHash = keyHash(nativeCrypto.publicKey(SEALER_KEY));

/** The keys of this file, as somebody knows them who trusts them. */
export const known: KnownKeys = {
  issuerKeyIds: [issuer.keyId],
  sealerKeyHashes: [`0x${Buffer.from(sealerKeyHash).toString('hex')}`],
  chainId: CHAIN_ID.toString(),
};

interface Sample {
  readonly facts: ReceiptFacts;
  readonly proof: TransactionProof;
}

/** A payment of 12,000 EST at `index` of a block with so many transactions; the others only look like transfers. */
export function samplePayment(
  options: { count?: number; index?: number; isSuccess?: boolean; memo?: string; type?: 0 | 1 } = {},
): Sample {
  const { count = 3, index = 1, isSuccess = true, memo = '점심', type = 1 } = options;
  const amount = 12_000n * 10n ** 18n;
  const input = encodeSct20({ method: 'transfer', to: PAYEE, amount });
  const signed = signTransaction(
    {
      from: PAYER,
      nonce: 7n,
      gasPrice: GAS_PRICE_HUG,
      gas: estimateGas({ to: CONTRACT, input, type: 1 }),
      to: CONTRACT,
      value: 0n,
      input,
      type,
      workNodes: [SEALER],
      extraData: new Uint8Array(0),
    },
    CHAIN_ID,
    PAYER_KEY,
    nativeCrypto,
  );
  const at = (position: number): Uint8Array => {
    if (position === index) return signed.raw;
    const other = Uint8Array.from(signed.raw);
    new DataView(other.buffer).setUint32(40, position);
    return other;
  };
  const receiptAt = (position: number): Uint8Array =>
    encodeReceipt({
      status: position === index && !isSuccess ? 0 : 1,
      errCode: position === index && !isSuccess ? 2000n : 0n,
      gasUsed: 67_240n,
      cumulativeGasUsed: 67_240n * BigInt(position + 1),
      contractAddress: null,
      logs: [],
    });
  const positions = Array.from({ length: count }, (_unused, position) => position);
  const transactions = createTrieProver(indexEntries(positions.map(at)), nativeCrypto.sha3);
  const receipts = createTrieProver(indexEntries(positions.map(receiptAt)), nativeCrypto.sha3);
  const header = encodeHeader(headerOver(transactions.root, receipts.root, count));
  const key = indexKey(index);
  return {
    facts: {
      transferId: '019ac5a0-0000-7000-8000-000000000001',
      chainId: CHAIN_ID,
      amount,
      token: { contract: CONTRACT, decimals: 18, symbol: 'EST' },
      payer: PAYER,
      payee: PAYEE,
      transactionHash: signed.hashHex,
      memo,
      memoSalt: new Uint8Array(32).fill(4),
    },
    proof: {
      chainId: CHAIN_ID,
      header,
      sign: signatureToBytes(nativeCrypto.sign(nativeCrypto.sha3(header), SEALER_KEY)),
      sealer: SEALER,
      sealerKeyHash,
      transactionIndex: BigInt(index),
      transaction: signed.raw,
      transactionProof: transactions.prove(key),
      receipt: receiptAt(index),
      receiptProof: receipts.prove(key),
    },
  };
}

const headerOver = (transactionsRoot: Uint8Array, receiptsRoot: Uint8Array, count: number): BlockHeader => ({
  parentHash: new Uint8Array(32).fill(0x11),
  primary: SEALER,
  stateRoot: new Uint8Array(32).fill(0x12),
  sctRoot: new Uint8Array(32).fill(0x13),
  transactionsRoot,
  rewardRoot: ZERO,
  receiptsRoot,
  cbHash: new Uint8Array(32).fill(0x14),
  wbHash: ZERO,
  obHash: ZERO,
  number: 1_234_567n,
  cbNum: 1_000n,
  wbNum: 0n,
  obNum: 0n,
  activeCbNum: 1_000n,
  activeWbNum: 0n,
  activeObNum: 0n,
  logsBloom: new Uint8Array(256),
  tickStamp: 1_234_567n,
  time: 1_767_225_600n,
  gasLimit: 188_495_520n,
  gasUsed: 67_240n * BigInt(count),
  // As the work node writes it: version, program, runtime, operating system.
  extra: Uint8Array.from(Buffer.from('d883312e30866a696765756d876e6f64652032348a6c696e75782d78363430', 'hex')),
});
