/**
 * Checks what a work node proves to a third party: that a transaction and its receipt are in a sealed block, and what a SymID
 * has. Nothing that the node says is believed: every hash, signature and path is computed anew, and only the chain id and the
 * key hash of the sealer are taken from the one who asks. Safe in a browser.
 *
 *   RPC method                        read                        check
 *   jigeum_getTransactionProof        readTransactionProof        verifyTransactionProof
 *   jigeum_getBalanceProof            readBalanceProof            verifyBalanceProof
 *   jigeum_getContractProof           readContractProof           verifyContractProof
 *   jigeum_getContractAccountProof    readContractAccountProof    verifyContractAccountProof
 *   jigeum_getCitizenProof            readCitizenProof            verifyCitizenProof
 *
 * The proof's bytes are described in docs/protocol/. What a transaction's proof does not show: that the key which signed it is
 * the one of its sender. `signerKeyHash` is to be compared with the `keyHash` that a citizen's proof shows for `from` (another
 * one, when the key has been changed since).
 */
import { bytesToHex, equalBytes, toHex0x } from '@jigeum/std';
import { decodeHeader, type BlockHeader } from './block.ts';
import { decodeContractRow, type ProvenContract } from './contract-row.ts';
import { createCheckList, ProofError, type Passed, type ProofCheck } from './proof-checks.ts';
import { decodeReceipt, type Receipt } from './receipt.ts';
import { decodeRecord, fixedBytes, symId, uint, type RecordOf } from './record.ts';
import { bytesToInteger, decodeRlp, isRlpList, viewRlp } from './rlp.ts';
import {
  rpcBalanceProof,
  rpcCitizenProof,
  rpcContractAccountProof,
  rpcContractProof,
  rpcTransactionProof,
} from './rpc/schema/jigeum.ts';
import type { Codec } from './rpc/codec.ts';
import { isSealedBy } from './seal.ts';
import { nobleCrypto, type ProtocolCrypto } from './signature.ts';
import { statePath } from './state-key.ts';
import { decodeCitizenHeader } from './sub-chain.ts';
import { recoverSigner, transactionHash } from './transaction/signing.ts';
import { decodeTransaction, type Transaction } from './transaction/transaction.ts';
import { verifyTrieProof } from './trie-proof.ts';
import { indexKey } from './trie.ts';

type ValueOf<C> = C extends Codec<infer T> ? T : never;
/** A transaction and its receipt in a sealed block. */
export type TransactionProof = ValueOf<typeof rpcTransactionProof>;
/** The coins of a SymID in the state after a sealed block. */
export type BalanceProof = ValueOf<typeof rpcBalanceProof>;
/** The facts of a contract in the state after a sealed block. */
export type ContractProof = ValueOf<typeof rpcContractProof>;
/** What a SymID holds of a contract in the state after a sealed block. */
export type ContractAccountProof = ValueOf<typeof rpcContractAccountProof>;

/** What the citizen chain says of a SymID, as of a sealed block. */
export type CitizenProof = ValueOf<typeof rpcCitizenProof>;

/** What the one who checks knows from elsewhere than from the proof. */
export interface ProofTrust {
  readonly chainId: bigint;
  /** 20 bytes: whose seal counts. */
  readonly sealerKeyHash: Uint8Array;
}

/** The checks in order, and the block that they are about: its header and hash are there when its seal has passed. */
export interface ProofResult {
  /** True when every check has passed. */
  readonly isValid: boolean;
  readonly checks: readonly ProofCheck[];
  readonly header: BlockHeader | undefined;
  readonly blockHashHex: `0x${string}` | undefined;
}

/** `transaction`, `receipt` and `signerKeyHash` (20 bytes) are there when their own checks have passed. */
export interface TransactionProofResult extends ProofResult {
  readonly transaction: Transaction | undefined;
  readonly receipt: Receipt | undefined;
  readonly signerKeyHash: Uint8Array | undefined;
}

/** `account` is there when its check has passed; zeros when the chain holds nothing for the SymID. */
export interface BalanceProofResult extends ProofResult {
  readonly account: ProvenAccount | undefined;
}

/** Coins in hug. */
export interface ProvenAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly deposit: bigint;
}

/** `contract` is there when its check has passed; null when there is no such contract. */
export interface ContractProofResult extends ProofResult {
  readonly contract: ProvenContract | null | undefined;
}

/** `amount` is there when its check has passed; zero when the chain holds nothing. */
export interface ContractAccountProofResult extends ProofResult {
  readonly amount: bigint | undefined;
}

/** `citizen` is there when its check has passed; null when no CA has issued the SymID. */
export interface CitizenProofResult extends ProofResult {
  readonly citizen: ProvenCitizen | null | undefined;
}

/** A transaction's proof from JSON. Throws an `RpcShapeError` that names the field. */
export const readTransactionProof = (json: unknown): TransactionProof => rpcTransactionProof.decode(json, 'proof');
/** A balance's proof from JSON. Throws an `RpcShapeError` that names the field. */
export const readBalanceProof = (json: unknown): BalanceProof => rpcBalanceProof.decode(json, 'proof');
/** A citizen's proof from JSON. Throws an `RpcShapeError` that names the field. */
export const readCitizenProof = (json: unknown): CitizenProof => rpcCitizenProof.decode(json, 'proof');
/** A contract's proof from JSON. Throws an `RpcShapeError` that names the field. */
export const readContractProof = (json: unknown): ContractProof => rpcContractProof.decode(json, 'proof');
/** A holding's proof from JSON. Throws an `RpcShapeError` that names the field. */
export const readContractAccountProof = (json: unknown): ContractAccountProof =>
  rpcContractAccountProof.decode(json, 'proof');

/** Checks that the transaction of this hash, and its receipt, are in a block that the trusted sealer has sealed. */
export function verifyTransactionProof(
  proof: TransactionProof,
  trust: ProofTrust & { readonly transactionHash: Uint8Array },
  crypto: ProtocolCrypto = nobleCrypto,
): TransactionProofResult {
  const list = createCheckList();
  const isChain = list.check('chain', () => checkChain(proof, trust));
  const transaction = list.check('transaction', () => checkTransaction(proof, trust.transactionHash, crypto));
  const signerKeyHash = list.checkAfter('signature', isChain && transaction, (signed) => {
    const value = recoverSigner(signed, trust.chainId, crypto);
    return { value, detail: `Signed by the key with the hash ${toHex0x(value)}, for ${signed.from}.` };
  });
  const block = checkBlock(list, proof, trust, crypto);
  const key = indexKey(proof.transactionIndex);
  list.checkAfter('transaction-inclusion', block, ({ header }) => {
    requireValue(proof.transaction, verifyTrieProof(header.transactionsRoot, key, proof.transactionProof, crypto.sha3));
    return { value: true, detail: `Transaction ${proof.transactionIndex} under ${toHex0x(header.transactionsRoot)}.` };
  });
  const receipt = list.checkAfter('receipt-inclusion', block, ({ header }) => {
    requireValue(proof.receipt, verifyTrieProof(header.receiptsRoot, key, proof.receiptProof, crypto.sha3));
    const value = decodeReceipt(proof.receipt);
    return { value, detail: `Receipt ${proof.transactionIndex} under ${toHex0x(header.receiptsRoot)}.` };
  });
  return { ...resultOf(list, block), transaction, receipt, signerKeyHash };
}

/** Checks what coins the SymID has after a block that the trusted sealer has sealed. */
export function verifyBalanceProof(
  proof: BalanceProof,
  trust: ProofTrust & { readonly symId: BalanceProof['symId'] },
  crypto: ProtocolCrypto = nobleCrypto,
): BalanceProofResult {
  const list = createCheckList();
  list.check('chain', () => checkChain(proof, trust));
  const block = checkBlock(list, proof, trust, crypto);
  const account = list.checkAfter('state-inclusion', block, ({ header }) => {
    requireSame('the SymID that was asked for', trust.symId, proof.symId);
    const path = statePath('account', [proof.symId], crypto.sha3);
    const value = verifyTrieProof(header.stateRoot, path, proof.proof, crypto.sha3);
    requireValue(proof.account, value);
    const coins = value === null ? NO_COINS : decodeRecord('account', ACCOUNT_FIELDS, viewRlp(value));
    return { value: coins, detail: `${proof.symId} has ${coins.balance} hug under ${toHex0x(header.stateRoot)}.` };
  });
  return { ...resultOf(list, block), account };
}

/** Checks what a contract is (who owns it, its total, whether it is paused) after a block that the trusted sealer has sealed. */
export function verifyContractProof(
  proof: ContractProof,
  trust: ProofTrust & Pick<ContractProof, 'contract'>,
  crypto: ProtocolCrypto = nobleCrypto,
): ContractProofResult {
  const list = createCheckList();
  list.check('chain', () => checkChain(proof, trust));
  const block = checkBlock(list, proof, trust, crypto);
  const contract = list.checkAfter<CheckedBlock, ProvenContract | null>('state-inclusion', block, ({ header }) => {
    requireSame('the contract that was asked for', trust.contract, proof.contract);
    const path = statePath('contract', [proof.contract], crypto.sha3);
    const row = verifyTrieProof(header.sctRoot, path, proof.proof, crypto.sha3);
    requireValue(proof.row, row);
    if (row === null) return { value: null, detail: `There is no contract ${proof.contract}.` };
    const value = decodeContractRow(viewRlp(row));
    return {
      value,
      detail: `${proof.contract} is ${value.symbol}, of ${value.owner}, with a total of ${value.total} under ${toHex0x(header.sctRoot)}.`,
    };
  });
  return { ...resultOf(list, block), contract };
}

/** Checks what the SymID holds of a contract after a block that the trusted sealer has sealed. */
export function verifyContractAccountProof(
  proof: ContractAccountProof,
  trust: ProofTrust & Pick<ContractAccountProof, 'contract' | 'symId'>,
  crypto: ProtocolCrypto = nobleCrypto,
): ContractAccountProofResult {
  const list = createCheckList();
  list.check('chain', () => checkChain(proof, trust));
  const block = checkBlock(list, proof, trust, crypto);
  const amount = list.checkAfter('state-inclusion', block, ({ header }) => {
    requireSame('the contract that was asked for', trust.contract, proof.contract);
    requireSame('the SymID that was asked for', trust.symId, proof.symId);
    const path = statePath('holding', [proof.contract, proof.symId], crypto.sha3);
    const value = verifyTrieProof(header.sctRoot, path, proof.proof, crypto.sha3);
    requireValue(proof.holding, value);
    const held = value === null ? 0n : decodeHolding(value);
    return {
      value: held,
      detail: `${proof.symId} holds ${held} of ${proof.contract} under ${toHex0x(header.sctRoot)}.`,
    };
  });
  return { ...resultOf(list, block), amount };
}

/** Checks which key a SymID has, and its standing, as of a block that the trusted sealer has sealed. */
export function verifyCitizenProof(
  proof: CitizenProof,
  trust: ProofTrust & { readonly symId: CitizenProof['symId'] },
  crypto: ProtocolCrypto = nobleCrypto,
): CitizenProofResult {
  const list = createCheckList();
  list.check('chain', () => checkChain(proof, trust));
  const block = checkBlock(list, proof, trust, crypto);
  const citizenBlock = list.checkAfter('citizen-block', block, ({ header }) => {
    requireSame('the hash of the citizen block', toHex0x(header.cbHash), toHex0x(crypto.sha3(proof.citizenHeader)));
    const value = decodeCitizenHeader(proof.citizenHeader);
    return { value, detail: `Citizen block ${value.number}, which block ${header.number} names.` };
  });
  const citizen = list.checkAfter('state-inclusion', citizenBlock, ({ stateRoot }) => {
    requireSame('the SymID that was asked for', trust.symId, proof.symId);
    const path = statePath('citizen', [proof.symId], crypto.sha3);
    const row = verifyTrieProof(stateRoot, path, proof.proof, crypto.sha3);
    requireValue(proof.citizen, row);
    if (row === null) return { value: null, detail: `No CA has issued ${proof.symId}.` };
    const value = decodeRecord('citizen', CITIZEN_ROW_FIELDS, viewRlp(row));
    return { value, detail: `${proof.symId} has the key ${toHex0x(value.keyHash)} and the status ${value.status}.` };
  });
  return { ...resultOf(list, block), citizen };
}

type Sealed = Pick<TransactionProof, 'chainId' | 'header' | 'sign' | 'sealer' | 'sealerKeyHash'>;
interface CheckedBlock {
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
}

const ACCOUNT_FIELDS = [
  ['balance', uint(32)],
  ['nonce', uint(8)],
  ['deposit', uint(32)],
] as const;
/** The row of a citizen in the state, in its order; `recordHash` is that of the record which said so last. */
const CITIZEN_ROW_FIELDS = [
  ['ca', symId],
  ['keyHash', fixedBytes(20)],
  ['recordHash', fixedBytes(32)],
  ['nonce', uint(8)],
  ['vFlag', uint(2)],
  ['country', uint(2)],
  ['status', uint(1)],
  ['credit', uint(1)],
  ['role', uint(2)],
  ['refCode', uint(4)],
  ['writeTime', uint(32)],
] as const;
/** What the chain keeps of a SymID; `status` 1 is active. */
export type ProvenCitizen = RecordOf<typeof CITIZEN_ROW_FIELDS>;
const NO_COINS: ProvenAccount = { balance: 0n, nonce: 0n, deposit: 0n };

function checkChain(proof: Sealed, trust: ProofTrust): Passed<true> {
  requireSame('the chain id', trust.chainId.toString(), proof.chainId.toString());
  return { value: true, detail: `Chain ${proof.chainId}.` };
}

function checkTransaction(proof: TransactionProof, expected: Uint8Array, crypto: ProtocolCrypto): Passed<Transaction> {
  const hash = transactionHash(proof.transaction, crypto.sha3);
  requireSame('the hash of the transaction', toHex0x(expected), toHex0x(hash));
  return { value: decodeTransaction(proof.transaction), detail: `SHA3-256 of the signed bytes is ${toHex0x(hash)}.` };
}

/** Header and seal; undefined unless both hold. */
function checkBlock(
  list: ReturnType<typeof createCheckList>,
  proof: Sealed,
  trust: ProofTrust,
  crypto: ProtocolCrypto,
): CheckedBlock | undefined {
  const block = list.check('header', () => {
    const header = decodeHeader(proof.header);
    requireSame('the sealer that the header names', header.primary, proof.sealer);
    const hash = crypto.sha3(proof.header);
    return { value: { header, hash }, detail: `Block ${header.number} has the hash ${toHex0x(hash)}.` };
  });
  return list.checkAfter('seal', block, (checked) => {
    requireSame('the key hash of the trusted sealer', bytesToHex(trust.sealerKeyHash), bytesToHex(proof.sealerKeyHash));
    const { header, hash: blockHash } = checked;
    const { sign } = proof;
    if (sign.length === 0)
      throw new ProofError(`Expected a seal of ${header.primary}, got none: the genesis block is not sealed.`);
    if (!isSealedBy(crypto, { blockHash, sign, sealerKeyHash: trust.sealerKeyHash }))
      throw new ProofError(`Expected the seal of ${header.primary} over ${toHex0x(blockHash)}, got another one.`);
    return { value: checked, detail: `Sealed by ${header.primary} with the key ${toHex0x(trust.sealerKeyHash)}.` };
  });
}

const resultOf = (list: ReturnType<typeof createCheckList>, block: CheckedBlock | undefined): ProofResult => ({
  isValid: list.isValid(),
  checks: list.checks,
  header: block?.header,
  blockHashHex: block && toHex0x(block.hash),
});

/** The integer of a holding's row. */
function decodeHolding(row: Uint8Array): bigint {
  const item = decodeRlp(row);
  if (isRlpList(item)) throw new ProofError(`Expected an amount in the row, got a list of ${item.length}.`);
  return bytesToInteger(item);
}

/** Stops unless the trie holds what the proof claims; null is "nothing". */
function requireValue(claimed: Uint8Array | null, proven: Uint8Array | null): void {
  const isSame = claimed === null || proven === null ? claimed === proven : equalBytes(claimed, proven);
  if (isSame) return;
  const text = (value: Uint8Array | null): string => (value === null ? 'nothing' : `${value.length} other bytes`);
  throw new ProofError(`Expected the trie to hold what the proof claims, got ${text(proven)}.`);
}

function requireSame(what: string, expected: string, actual: string): void {
  if (expected !== actual) throw new ProofError(`Expected ${what} to be ${expected}, got ${actual}.`);
}
