/** Makes a receipt out of what the platform knows and what the chain proves, and signs it only when the verifier accepts it. */
import { toHex0x } from '@jigeum/std';
import { decodeHeader, nobleCrypto, parseSymId, type ProtocolCrypto, type TransactionProof } from '@jigeum/symverse';
import { toBase64 } from './base64.ts';
import type { Issuer } from './issuer.ts';
import { memoCommitment } from './memo.ts';
import { encodeReceiptFile, receiptBytes, RECEIPT_FORMAT, RECEIPT_VERSION, type Receipt } from './receipt.ts';
import { amountWords, verifyReceipt } from './verify.ts';

/** What the platform states of a final transfer. Addresses are SymIDs, `0x` hex. */
export interface ReceiptFacts {
  readonly transferId: string;
  readonly chainId: bigint;
  /** Base units. */
  readonly amount: bigint;
  readonly token: { readonly contract: string; readonly decimals: number; readonly symbol: string };
  readonly payer: string;
  readonly payee: string;
  readonly transactionHash: string;
  readonly memo: string;
  /** 32 random bytes, kept with the transfer. */
  readonly memoSalt: Uint8Array;
}

/** The chain does not prove what the platform states. The message names the steps. */
export class ReceiptRefusedError extends Error {
  override readonly name = 'ReceiptRefusedError';
}

/** The file, the same bytes for the same input. Throws a `ReceiptRefusedError` where any step of its verification fails. */
export function issueReceipt(
  facts: ReceiptFacts,
  proof: TransactionProof,
  issuer: Issuer,
  crypto: ProtocolCrypto = nobleCrypto,
): string {
  const header = decodeHeader(proof.header);
  const receipt: Receipt = {
    format: RECEIPT_FORMAT,
    version: RECEIPT_VERSION,
    transferId: facts.transferId,
    issuer: { keyId: issuer.keyId, publicKey: toBase64(issuer.publicKey) },
    chainId: facts.chainId.toString(),
    amount: { base: facts.amount.toString(), words: amountWords(facts.amount, facts.token) },
    token: { ...facts.token, contract: parseSymId(facts.token.contract) },
    payer: parseSymId(facts.payer),
    payee: parseSymId(facts.payee),
    time: new Date(Number.parseInt(header.time.toString(), 10) * 1000).toISOString(),
    result: 'success',
    transactionHash: facts.transactionHash,
    block: {
      number: header.number.toString(),
      hash: toHex0x(crypto.sha3(proof.header)),
      header: toBase64(proof.header),
      seal: toBase64(proof.sign),
    },
    sealer: { symId: proof.sealer, keyHash: toHex0x(proof.sealerKeyHash) },
    proof: {
      index: proof.transactionIndex.toString(),
      transaction: proof.transactionProof.map(toBase64),
      receipt: proof.receiptProof.map(toBase64),
    },
    memoCommitment: memoCommitment(facts.memo, facts.memoSalt),
  };
  const file = encodeReceiptFile(receipt, issuer.sign(receiptBytes(receipt)));
  // A signature under something untrue cannot be taken back: what a stranger would refuse is not issued.
  const known = {
    issuerKeyIds: [issuer.keyId],
    sealerKeyHashes: [toHex0x(proof.sealerKeyHash)],
    chainId: proof.chainId.toString(),
  };
  const memo = { text: facts.memo, salt: facts.memoSalt };
  const { steps } = verifyReceipt(new TextEncoder().encode(file), known, memo, crypto);
  const wrong = steps.filter(({ outcome }) => outcome !== 'passed');
  if (wrong.length > 0)
    throw new ReceiptRefusedError(
      `Expected the chain to prove transfer ${facts.transferId}, got: ${wrong.map(({ name, detail }) => `${name}: ${detail}`).join(' ')}`,
    );
  return file;
}
