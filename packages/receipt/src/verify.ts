/**
 * Checks a receipt without asking anybody. Nothing that the file says is believed: every hash, signature and path is computed
 * anew, and what is stated in words is compared with what the chain's bytes say. Only whose keys count comes from the one who
 * asks. Safe in a browser.
 *
 *   the issuer vouches for the file          the sealer vouches for the chain
 *   form ─▶ issuer-signature                 header ─▶ seal
 *              └─▶ issuer-key (known?)          │        └─▶ sealer-key (known?)
 *                                               ├─▶ inclusion ─▶ transaction ─▶ payment
 *                                               └─▶ result
 */
import { formatAmount } from '@jigeum/money';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  decodeHeader,
  decodeReceipt,
  decodeSct20,
  decodeTransaction,
  indexKey,
  isSealedBy,
  nobleCrypto,
  recoverSigner,
  verifyTrieProof,
  type ProtocolCrypto,
} from '@jigeum/symverse';
import { fromBase64 } from './base64.ts';
import { isSignedBy, issuerKeyId } from './issuer.ts';
import { memoCommitment } from './memo.ts';
import { decodeReceiptFile, receiptBytes, type Receipt } from './receipt.ts';
import { sentenceOf, type StepName, type StepOutcome } from './sentences.ts';

/** What the one who checks knows from elsewhere. An empty list or undefined: nothing is known, and the step says so. */
export interface KnownKeys {
  /** Ids of issuers' keys: `0x` and 64 hex digits. */
  readonly issuerKeyIds: readonly string[];
  /** Key hashes of the nodes whose seal counts: `0x` and 40 hex digits. */
  readonly sealerKeyHashes: readonly string[];
  /** The chain that is meant. */
  readonly chainId?: string | undefined;
}

/** One check, in the order in which it is shown: a sentence for people, and what exactly was found, in English for experts. */
export interface Step {
  readonly name: StepName;
  readonly outcome: StepOutcome;
  readonly ko: string;
  readonly en: string;
  readonly detail: string;
}

export interface Verdict {
  /**
   * `valid`: every step has passed. `keys-unknown`: nothing is wrong, but a key was not compared with one that is trusted, so
   * anybody may have written the file. `invalid`: a step has failed.
   */
  readonly kind: 'valid' | 'keys-unknown' | 'invalid';
  readonly steps: readonly Step[];
  /** There when the form is right; believe it as far as `kind` goes. */
  readonly receipt: Receipt | undefined;
}

/** What is compared with the commitment, by somebody who was shown it. */
export interface ShownMemo {
  readonly text: string;
  readonly salt: Uint8Array;
}

/** Something that is not as the receipt says. */
class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** Checks the bytes of a file. Never throws for what is in them. */
export function verifyReceipt(
  file: Uint8Array,
  known: KnownKeys,
  memo?: ShownMemo,
  crypto: ProtocolCrypto = nobleCrypto,
): Verdict {
  const steps: Step[] = [];
  const add = (name: StepName, outcome: StepOutcome, detail: string): void =>
    void steps.push({ name, outcome, ...sentenceOf(name, outcome), detail });

  /** Runs a step that builds on `needed`; what it returns, or undefined where it has failed. */
  function step<Needed, T>(
    name: StepName,
    needed: Needed | undefined,
    run: (needed: Needed) => { value: T; detail: string; isUnknown?: boolean },
  ): T | undefined {
    if (needed === undefined) {
      add(name, 'skipped', 'Not checked, because a step before it failed.');
      return undefined;
    }
    try {
      const { value, detail, isUnknown } = run(needed);
      add(name, isUnknown === true ? 'unknown' : 'passed', detail);
      return value;
    } catch (cause) {
      // Every decoder refuses with an Error that says what it expected; a TypeError would be a defect of ours, unless it
      // comes from hex or a date, whose form has been checked before.
      if (!(cause instanceof Error)) throw cause;
      add(name, 'failed', cause.message);
      return undefined;
    }
  }

  const read = step('form', file, (bytes) => {
    const value = decodeReceiptFile(bytes);
    return { value, detail: `Receipt ${value.receipt.transferId}, ${bytes.length} bytes in the one form.` };
  });
  const receipt = read?.receipt;
  const issuerKey = step('issuer-signature', read, checkIssuer);
  step('issuer-key', issuerKey, (keyId) => checkKnown('issuer key', keyId, known.issuerKeyIds));
  const header = step('header', receipt, (given) => checkHeader(given, known, crypto));
  const seal = step('seal', header && receipt, (given) => checkSeal(given, crypto));
  step('sealer-key', seal, (keyHash) => checkKnown('sealer key', keyHash, known.sealerKeyHashes));
  const at = header && receipt && { header, receipt };
  const raw = step('inclusion', at, ({ header: { transactionsRoot }, receipt: given }) => {
    const value = valueOf(transactionsRoot, given.proof.index, given.proof.transaction, crypto);
    return { value, detail: `Transaction ${given.proof.index} under ${toHex0x(transactionsRoot)}.` };
  });
  const transaction = step('transaction', raw && receipt && { raw, receipt }, (given) =>
    checkTransaction(given, crypto),
  );
  step('payment', transaction && receipt && { transaction, receipt }, checkPayment);
  step('result', at, ({ header: { receiptsRoot }, receipt: given }) => {
    const outcome = decodeReceipt(valueOf(receiptsRoot, given.proof.index, given.proof.receipt, crypto));
    same('the status of the transaction', '1', outcome.status.toString());
    return { value: true, detail: `Status ${outcome.status}, under ${toHex0x(receiptsRoot)}.` };
  });
  if (memo !== undefined)
    step('memo', receipt, (given) => {
      same('the commitment', given.memoCommitment, memoCommitment(memo.text, memo.salt));
      return { value: true, detail: `The memo of ${memo.text.length} characters fits its commitment.` };
    });
  return { kind: kindOf(steps), steps, receipt };
}

const kindOf = (steps: readonly Step[]): Verdict['kind'] =>
  steps.some(({ outcome }) => outcome === 'failed' || outcome === 'skipped')
    ? 'invalid'
    : steps.some(({ outcome }) => outcome === 'unknown')
      ? 'keys-unknown'
      : 'valid';

function checkIssuer({ receipt, signature }: ReturnType<typeof decodeReceiptFile>) {
  const publicKey = fromBase64(receipt.issuer.publicKey);
  same('the id of the public key', receipt.issuer.keyId, issuerKeyId(publicKey));
  const bytes = receiptBytes(receipt);
  if (!isSignedBy(publicKey, bytes, signature))
    throw new Mismatch(
      `Expected a signature of the key ${receipt.issuer.keyId} over ${bytes.length} bytes, got another one.`,
    );
  return {
    value: receipt.issuer.keyId,
    detail: `Ed25519 over ${bytes.length} bytes, by the key ${receipt.issuer.keyId}.`,
  };
}

function checkKnown(what: string, name: string, known: readonly string[]) {
  if (known.length === 0)
    return { value: name, detail: `Nobody has said which ${what} counts; this one is ${name}.`, isUnknown: true };
  if (!known.includes(name)) throw new Mismatch(`Expected the ${what} ${known.join(' or ')}, got ${name}.`);
  return { value: name, detail: `The ${what} ${name} is one that you trust.` };
}

function checkHeader({ block, sealer, time, chainId }: Receipt, known: KnownKeys, crypto: ProtocolCrypto) {
  const bytes = fromBase64(block.header);
  const value = decodeHeader(bytes);
  same('the hash of the header', block.hash, toHex0x(crypto.sha3(bytes)));
  same('the number in the header', block.number, value.number.toString());
  same('the sealer in the header', sealer.symId, value.primary);
  same('the time in the header', time, instantOf(value.time));
  if (known.chainId !== undefined) same('the chain', known.chainId, chainId);
  return { value, detail: `Block ${block.number} of chain ${chainId}, ${time}, has the hash ${block.hash}.` };
}

/** The latest instant that a date can hold, in seconds. */
const TIME_MAX = 8_640_000_000_000n;

function instantOf(seconds: bigint): string {
  if (seconds > TIME_MAX) throw new Mismatch(`Expected a time up to ${TIME_MAX} s, got ${seconds} s.`);
  return new Date(Number.parseInt(seconds.toString(), 10) * 1000).toISOString();
}

function checkSeal({ block, sealer }: Receipt, crypto: ProtocolCrypto) {
  const blockHash = fromHex0x(block.hash);
  const isSealed = isSealedBy(crypto, {
    blockHash,
    sign: fromBase64(block.seal),
    sealerKeyHash: fromHex0x(sealer.keyHash),
  });
  if (!isSealed)
    throw new Mismatch(`Expected the seal of the key ${sealer.keyHash} over ${block.hash}, got another one.`);
  return { value: sealer.keyHash, detail: `Sealed by ${sealer.symId} with the key ${sealer.keyHash}.` };
}

/** What the block holds at an index. */
function valueOf(root: Uint8Array, index: string, nodes: readonly string[], crypto: ProtocolCrypto): Uint8Array {
  const value = verifyTrieProof(root, indexKey(BigInt(index)), nodes.map(fromBase64), crypto.sha3);
  if (value === null) throw new Mismatch(`Expected the block to hold number ${index}, got a proof that it does not.`);
  return value;
}

function checkTransaction({ raw, receipt }: { raw: Uint8Array; receipt: Receipt }, crypto: ProtocolCrypto) {
  same('the hash of the transaction', receipt.transactionHash, toHex0x(crypto.sha3(raw)));
  const value = decodeTransaction(raw);
  const signer = toHex0x(recoverSigner(value, BigInt(receipt.chainId), crypto));
  same('the sender', receipt.payer, value.from);
  return { value, detail: `${receipt.transactionHash}, for ${value.from}, signed by the key with the hash ${signer}.` };
}

function checkPayment({
  transaction,
  receipt,
}: {
  transaction: ReturnType<typeof decodeTransaction>;
  receipt: Receipt;
}) {
  // Only type 1 runs a contract: the same input in another transaction moves nothing.
  same('the type of the transaction', '1', transaction.type.toString());
  same('the token contract', receipt.token.contract, transaction.to ?? 'a new contract');
  const call = decodeSct20(transaction.input);
  if (call.method !== 'transfer') throw new Mismatch(`Expected a call of transfer, got ${call.method}.`);
  same('the payee', receipt.payee, call.to);
  same('the amount', receipt.amount.base, call.amount.toString());
  same('the amount in words', receipt.amount.words, amountWords(call.amount, receipt.token));
  return {
    value: true,
    detail: `${call.amount} base units of ${receipt.token.contract} from ${transaction.from} to ${call.to}.`,
  };
}

/** How a receipt writes an amount: `12,000 EST`. */
export const amountWords = (base: bigint, token: { readonly decimals: number; readonly symbol: string }): string =>
  `${formatAmount(base, token.decimals, { grouping: true })} ${token.symbol}`;

function same(what: string, stated: string, found: string): void {
  if (stated !== found) throw new Mismatch(`Expected ${what} to be ${stated}, got ${found}.`);
}
