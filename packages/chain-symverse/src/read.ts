/** What a node shows of transactions, in the platform's words. */
import type { ChainItem, ChainTransaction, ContractFacts, TransactionOutcome, TransactionProof } from '@jigeum/chain';
import { bytesToHex, toHex0x } from '@jigeum/std';
import {
  describeSctCall,
  encodeTransaction,
  GAS_PRICE_HUG,
  gasFeeHug,
  shownText,
  transactionHash,
  TRANSACTION_TYPE,
  type ProtocolCrypto,
  type TransactionType,
} from '@jigeum/symverse';
import type { RpcReceipt, RpcResult, RpcTransaction } from '@jigeum/symverse/rpc';

/**
 * A receipt is only made when the block is final: consensus has no forks (symverse.md §8). The price is the transaction's own, in
 * hug: it was lower on the network in former times. Left out: today's fixed one, at which everything of ours is sent.
 */
export function outcomeOfReceipt(
  receipt: RpcReceipt,
  gasPrice: bigint = GAS_PRICE_HUG,
): Extract<TransactionOutcome, { kind: 'final' }> {
  const isSuccess = receipt.status === 1n;
  return {
    kind: 'final',
    isSuccess,
    errorCode: isSuccess || receipt.errCode === undefined ? null : Number(receipt.errCode),
    blockNumber: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    fee: gasFeeHug(receipt.gasUsed, gasPrice),
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
    call:
      transaction.type === BigInt(TRANSACTION_TYPE.sct)
        ? describeSctCall(transaction, receipt?.contractAddress ?? null)
        : null,
    outcome: receipt === null ? { kind: 'pending' } : outcomeOfReceipt(receipt, transaction.gasPrice),
    gasUsed: receipt === null ? null : Number(receipt.gasUsed),
    raw: rawOf(transaction, crypto),
  };
}

function kindOf(type: bigint): ChainTransaction['kind'] {
  if (type === BigInt(TRANSACTION_TYPE.general)) return 'transfer';
  if (type === BigInt(TRANSACTION_TYPE.sct)) return 'sct';
  return type === BigInt(TRANSACTION_TYPE.deposit) ? 'deposit' : 'other';
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

/** A proof as JSON, in the form that `readTransactionProof` takes. */
export const proofView = (proof: NonNullable<RpcResult<'jigeum_getTransactionProof'>>): TransactionProof => ({
  chainId: `0x${proof.chainId.toString(16)}`,
  header: toHex0x(proof.header),
  sign: toHex0x(proof.sign),
  sealer: proof.sealer,
  sealerKeyHash: toHex0x(proof.sealerKeyHash),
  transactionIndex: `0x${proof.transactionIndex.toString(16)}`,
  transaction: toHex0x(proof.transaction),
  transactionProof: proof.transactionProof.map((node) => toHex0x(node)),
  receipt: toHex0x(proof.receipt),
  receiptProof: proof.receiptProof.map((node) => toHex0x(node)),
});

/** Of a name or symbol. The chain's own limit is not published, and an index of the database takes no more than some 2,700 bytes. */
const NAME_SHOWN_MAX = 256;

/** A contract as the chain has it, with its name and symbol as people are shown them. */
export const contractFactsOf = (contract: string, facts: NonNullable<RpcResult<'sct_getContract'>>): ContractFacts => ({
  contract,
  type: facts.type,
  name: shownName(facts.name),
  symbol: shownName(facts.symbol),
  creator: facts.creator,
  owner: facts.owner,
  state: facts.state,
  stateCode: `0x${(facts.stateCode ?? 0n).toString(16)}`,
  supply: facts.total,
});

function shownName(name: string): string {
  const characters = [...shownText(name)];
  return characters.length <= NAME_SHOWN_MAX
    ? characters.join('')
    : `${characters.slice(0, NAME_SHOWN_MAX - 1).join('')}…`;
}

/** An item or a coupon, with its texts as people are shown them. */
export function itemOf(item: NonNullable<RpcResult<'sct_getContractItem'>>): ChainItem {
  const { index, owner, ...facts } = item;
  return {
    index: Number(index),
    owner: owner ?? null,
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, shownText(value.toString())])),
  };
}
