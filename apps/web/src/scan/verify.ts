/** Checks a transaction in this browser. Loaded when somebody asks for it: it brings the protocol and its curve along. */
import type { ScanProofView, ScanWholeTransactionView } from '@jigeum/api';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  gasFeeHug,
  readTransactionProof,
  verifyTransactionProof,
  type ProofCheck,
  type ProofCheckName,
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
  const checks: Check[] = [...result.checks, checkSigner(result, senderKeyHash), checkPage(result, shown)];
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

/** What the page says, against what is proven. */
function checkPage({ transaction, receipt, header }: TransactionProofResult, shown: ScanWholeTransactionView): Check {
  if (transaction === undefined || receipt === undefined || header === undefined) return { name: 'page', ...SKIPPED };
  const pairs: [what: string, proven: unknown, shown: unknown][] = [
    ['block', Number(header.number), shown.blockNumber],
    ['time', Number(header.time) * 1000, shown.at === null ? null : new Date(shown.at).getTime()],
    ['sender', transaction.from, shown.from],
    ['receiver', transaction.to, shown.to],
    ['nonce', Number(transaction.nonce), shown.nonce],
    ['coins', transaction.value, shown.valueHug],
    ['outcome', receipt.status === 1 ? 'final' : 'reverted', shown.state],
    [
      'error code',
      receipt.status === 1 || receipt.errCode === 0n ? null : Number(receipt.errCode),
      shown.error?.code ?? null,
    ],
    ['gas', Number(receipt.gasUsed), shown.gasUsed],
    ['fee', gasFeeHug(receipt.gasUsed, transaction.gasPrice), shown.feeHug],
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
