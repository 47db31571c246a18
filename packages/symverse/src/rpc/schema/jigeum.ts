/**
 * `jigeum_*`: proofs for third parties. Ours: gsym has no such methods. What a proof holds and how it is checked is written in
 * docs/protocol/; `verifyTransactionProof` and its sisters in `@jigeum/symverse` check one.
 */
import { address, arrayOf, data, dataOf, hash, nullable, object, quantity } from '../codec.ts';
import { method, raw } from './method.ts';

/** RLP of the nodes on one path, from the root down. A path has 64 nibbles at most, so no proof has more nodes. */
const trieProof = arrayOf(data, 65);

/** The block that a proof hangs on: its header as RLP, and who sealed it. The genesis block's `sign` is empty. */
const sealed = {
  chainId: quantity,
  header: data,
  sign: dataOf(64),
  sealer: address,
  sealerKeyHash: dataOf(20),
} as const;

/** A transaction and its receipt in a sealed block. */
export const rpcTransactionProof = object({
  ...sealed,
  transactionIndex: quantity,
  transaction: raw,
  transactionProof: trieProof,
  receipt: data,
  receiptProof: trieProof,
});

/** The coins of a SymID under a block's `stateRoot`: `account` is the row's RLP [balance, nonce, deposit], or null when there is none. */
export const rpcBalanceProof = object({ ...sealed, symId: address, account: nullable(data), proof: trieProof });

/** What a SymID holds of a contract under a block's `sctRoot`: `holding` is the RLP of the amount, or null when there is none. */
export const rpcContractAccountProof = object({
  ...sealed,
  contract: address,
  symId: address,
  holding: nullable(data),
  proof: trieProof,
});

/** A contract's facts under a block's `sctRoot`: `row` is its row's RLP, or null when there is no such contract. */
export const rpcContractProof = object({ ...sealed, contract: address, row: nullable(data), proof: trieProof });

/**
 * What the citizen chain says of a SymID: `citizen` is the row's RLP, or null when there is none. `citizenHeader` is the RLP of
 * the citizen block that the main header names in `cbHash`.
 */
export const rpcCitizenProof = object({
  ...sealed,
  citizenHeader: data,
  symId: address,
  citizen: nullable(data),
  proof: trieProof,
});

export const JIGEUM_METHODS = {
  jigeum_getTransactionProof: method([['hash', hash]], nullable(rpcTransactionProof)),
  jigeum_getBalanceProof: method([['symId', address]], rpcBalanceProof),
  jigeum_getCitizenProof: method([['symId', address]], rpcCitizenProof),
  jigeum_getContractProof: method([['contract', address]], rpcContractProof),
  jigeum_getContractAccountProof: method(
    [
      ['contract', address],
      ['symId', address],
    ],
    rpcContractAccountProof,
  ),
} as const;
