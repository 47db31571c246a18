/** Checks a transaction in this browser. Loaded when somebody asks for it: it brings the protocol and its curve along. */
import type { ScanProofView, ScanWholeTransactionView } from '@jigeum/api';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  describeSctCall,
  gasFeeHug,
  readTransactionProof,
  sctErrorText,
  TRANSACTION_TYPE,
  verifyTransactionProof,
  type ProofCheck,
  type ProofCheckName,
  type Receipt,
  type Transaction,
  type TransactionProofResult,
} from '@jigeum/symverse';

/** The library's checks, and what only a page can compare: itself, and the sender's key as the citizen chain has it. */
export interface Check extends Omit<ProofCheck, 'name'> {
  readonly name: ProofCheckName | 'page' | 'signer' | 'signer-changed';
}

export interface Verdict {
  readonly isValid: boolean;
  readonly checks: readonly Check[];
  readonly blockNumber: number | null;
}

interface Asked {
  /** From the address bar: what the visitor wants to know about. */
  hash: string;
  proof: ScanProofView;
  /** What the page shows. */
  shown: ScanWholeTransactionView;
  trust: { chainId: number; sealerKeyHash: string };
  /** Hash of the sender's present key; null where the chain has none on record. */
  senderKeyHash: string | null;
}

/** Believes nothing that came with the proof but what it has computed. */
export function verifyTransaction({ hash, proof, shown, trust, senderKeyHash }: Asked): Verdict {
  let result: TransactionProofResult;
  try {
    result = verifyTransactionProof(readTransactionProof(proof), {
      chainId: BigInt(trust.chainId),
      sealerKeyHash: fromHex0x(trust.sealerKeyHash),
      transactionHash: fromHex0x(hash),
    });
  } catch (error) {
    // Bytes that have not even the form of a proof.
    const detail = error instanceof Error ? error.message : String(error);
    return { isValid: false, checks: [{ name: 'form', outcome: 'failed', detail }], blockNumber: null };
  }
  const checks: Check[] = [
    ...result.checks,
    checkSigner(result, senderKeyHash),
    checkPage(result, { hash, proof, shown }),
  ];
  return {
    // A sender that has changed its key since is no fault of the transaction: the sealer has accepted the signature then.
    isValid: checks.every(({ name, outcome }) => outcome === 'passed' || name === 'signer-changed'),
    checks,
    blockNumber: result.header === undefined ? null : Number(result.header.number),
  };
}

const SKIPPED = { outcome: 'skipped', detail: 'Not checked, because a check before it failed.' } as const;

function checkSigner({ signerKeyHash }: TransactionProofResult, senderKeyHash: string | null): Check {
  if (signerKeyHash === undefined) return { name: 'signer', ...SKIPPED };
  const signer = toHex0x(signerKeyHash);
  return signer === senderKeyHash
    ? { name: 'signer', outcome: 'passed', detail: `The citizen chain has ${signer} for the sender.` }
    : {
        name: 'signer-changed',
        outcome: 'skipped',
        detail: `The citizen chain has ${senderKeyHash ?? 'no key'} for the sender now; the signature is of ${signer}.`,
      };
}

/**
 * Everything that the page says, against what is proven and read here. Only a token's symbol and decimals are left: the
 * transaction does not hold them, so they are the server's word, and the page says that beside this check.
 */
function checkPage(
  { transaction, receipt, header }: TransactionProofResult,
  { hash, proof, shown }: Pick<Asked, 'hash' | 'proof' | 'shown'>,
): Check {
  if (transaction === undefined || receipt === undefined || header === undefined) return { name: 'page', ...SKIPPED };
  const errorCode = receipt.status === 1 || receipt.errCode === 0n ? null : Number(receipt.errCode);
  const position = Number(BigInt(proof.transactionIndex));
  const atMs = Number(header.time) * 1000;
  const pairs: [what: string, proven: unknown, shown: unknown][] = [
    ['hash', hash, shown.hash],
    ['block', Number(header.number), shown.blockNumber],
    // The page says neither before the index has the transaction.
    ['place in the block', position, shown.position ?? position],
    ['time', atMs, shown.at === null ? atMs : new Date(shown.at).getTime()],
    ['kind', kindOf(transaction), shown.kind],
    ['sender', transaction.from, shown.from],
    ['receiver', transaction.to, shown.to],
    ['nonce', Number(transaction.nonce), shown.nonce],
    ['coins', transaction.value, shown.valueHug],
    ['outcome', receipt.status === 1 ? 'final' : 'reverted', shown.state],
    ['error code', errorCode, shown.error?.code ?? null],
    ...(['ko', 'en'] as const).map((language): [string, unknown, unknown] => [
      `error (${language})`,
      errorCode === null ? null : sctErrorText(errorCode)[language],
      shown.error?.[language] ?? null,
    ]),
    ['gas', Number(receipt.gasUsed), shown.gasUsed],
    ['fee', gasFeeHug(receipt.gasUsed, transaction.gasPrice), shown.feeHug],
    ...callPairs(transaction, receipt, shown),
    ['original', proof.transaction, shown.rawTransaction],
  ];
  const differing = pairs.filter(([, proven, said]) => proven !== said);
  return differing.length === 0
    ? { name: 'page', outcome: 'passed', detail: `${pairs.map(([what]) => what).join(', ')}: as proven.` }
    : {
        name: 'page',
        outcome: 'failed',
        detail: differing
          .map(([what, proven, said]) => `Proven ${what} ${String(proven)}, shown ${String(said)}.`)
          .join(' '),
      };
}

/** The call, read from the proven transaction as the server should have read it. */
function callPairs(
  transaction: Transaction,
  receipt: Receipt,
  { call: shown }: ScanWholeTransactionView,
): [what: string, proven: unknown, shown: unknown][] {
  const call = transaction.type === TRANSACTION_TYPE.sct ? describeSctCall(transaction, receipt.contractAddress) : null;
  if (call === null || shown === null) return [['call', textOfCall(call), textOfCall(shown)]];
  return [
    ['template', call.template, shown.template],
    ['method', call.method, shown.method],
    ['contract', call.contract, shown.contract],
    ['payer', call.from, shown.from],
    ['payee', call.to, shown.to],
    ['amount', call.amount, shown.amount],
    ['arguments', inOrder(call.args), inOrder(shown.args)],
  ];
}

const textOfCall = (call: { template: string; method: string } | null): string =>
  call === null ? 'none' : `${call.template} ${call.method}`;

/** One text for equal arguments, whatever the order of their names. */
const inOrder = (args: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(args, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

function kindOf({ type }: Transaction): ScanWholeTransactionView['kind'] {
  if (type === TRANSACTION_TYPE.general) return 'transfer';
  if (type === TRANSACTION_TYPE.sct) return 'sct';
  return type === TRANSACTION_TYPE.deposit ? 'deposit' : 'other';
}
