/** What a node shows of transactions, in the platform's words. */
import type { ChainTransaction, DecodedCall, TransactionOutcome } from '@jigeum/chain';
import { bytesToHex, toHex0x } from '@jigeum/std';
import {
  decodeSctCall,
  encodeTransaction,
  GAS_PRICE_HUG,
  gasFeeHug,
  readSct20,
  SCT_TYPE,
  transactionHash,
  TRANSACTION_TYPE,
  type ProtocolCrypto,
  type TransactionType,
} from '@jigeum/symverse';
import type { RpcReceipt, RpcTransaction } from '@jigeum/symverse/rpc';

/** A receipt is only made when the block is final: consensus has no forks (symverse.md §8). */
export function outcomeOfReceipt(receipt: RpcReceipt): Extract<TransactionOutcome, { kind: 'final' }> {
  const isSuccess = receipt.status === 1n;
  return {
    kind: 'final',
    isSuccess,
    errorCode: isSuccess || receipt.errCode === undefined ? null : Number(receipt.errCode),
    blockNumber: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    fee: gasFeeHug(receipt.gasUsed, GAS_PRICE_HUG),
    contract: isSuccess ? receipt.contractAddress : null,
  };
}

/** A transaction and what became of it; `receipt` is null while it waits. */
export function readTransaction(
  transaction: RpcTransaction,
  receipt: RpcReceipt | null,
  crypto: ProtocolCrypto,
): ChainTransaction {
  return {
    hash: transaction.hash,
    blockNumber: transaction.blockNumber === null ? null : Number(transaction.blockNumber),
    from: transaction.from,
    to: transaction.to,
    nonce: Number(transaction.nonce),
    value: transaction.value,
    kind: kindOf(transaction.type),
    call: transaction.type === BigInt(TRANSACTION_TYPE.sct) ? callOf(transaction, receipt) : null,
    outcome: receipt === null ? { kind: 'pending' } : outcomeOfReceipt(receipt),
    gasUsed: receipt === null ? null : Number(receipt.gasUsed),
    raw: rawOf(transaction, crypto),
  };
}

function kindOf(type: bigint): ChainTransaction['kind'] {
  if (type === BigInt(TRANSACTION_TYPE.general)) return 'transfer';
  if (type === BigInt(TRANSACTION_TYPE.sct)) return 'sct';
  return type === BigInt(TRANSACTION_TYPE.deposit) ? 'deposit' : 'other';
}

/** Null for an input that is no call: such a transaction is mined and fails. */
function callOf(transaction: RpcTransaction, receipt: RpcReceipt | null): DecodedCall | null {
  const contract = transaction.to ?? receipt?.contractAddress ?? null;
  try {
    const call = decodeSctCall(transaction.input);
    const template = Object.entries(SCT_TYPE).find(([, type]) => type === call.type)?.[0] ?? `sct${call.type}`;
    if (call.type !== SCT_TYPE.sct20) {
      return { template, method: String(call.method), contract, from: transaction.from, to: null, amount: null };
    }
    const read = readSct20(call);
    return {
      template,
      method: read.method.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
      contract,
      from: 'from' in read ? read.from : transaction.from,
      to: 'to' in read ? read.to : 'owner' in read ? read.owner : null,
      amount: 'amount' in read ? read.amount : null,
    };
  } catch {
    // A stranger may mine any input. What it is not is shown as nothing; the raw form stays visible.
    return null;
  }
}

/** The signed bytes, rebuilt from the fields and kept only where they have the transaction's hash. */
function rawOf(transaction: RpcTransaction, crypto: ProtocolCrypto): string | null {
  try {
    const raw = encodeTransaction({
      from: transaction.from,
      nonce: transaction.nonce,
      gasPrice: transaction.gasPrice,
      gas: transaction.gas,
      to: transaction.to,
      value: transaction.value,
      input: transaction.input,
      type: Number(transaction.type) as TransactionType,
      workNodes: transaction.workNodes,
      extraData: transaction.extraData ?? new Uint8Array(0),
      v: Number(transaction.v) as 0 | 1,
      r: transaction.r,
      s: transaction.s,
    });
    return `0x${bytesToHex(transactionHash(raw, crypto.sha3))}` === transaction.hash ? toHex0x(raw) : null;
  } catch {
    // A field that has no place in the thirteen (a type of a later protocol): there is no raw form to show.
    return null;
  }
}
