/** Receipt files. Whatever is done to one, and even signed by its issuer again, it never states another payment than the chain holds. */
import {
  encodeReceiptFile,
  issueReceipt,
  receiptBytes,
  RECEIPT_BYTES_MAX,
  verifyReceipt,
  type Receipt,
} from '@jigeum/receipt';
import { bytesToHex } from '@jigeum/std';
import { nativeCrypto } from '@jigeum/symverse/native';
import { issuer, known, samplePayment } from '@jigeum/receipt/testing';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget } from '../target.ts';

/** Of blocks with one transaction and with many: paths with and without nodes inside their parent. */
const FILES: readonly Uint8Array[] = [
  [1, 0],
  [2, 1],
  [20, 16],
  [300, 200],
].map(([count, index]) => {
  const { facts, proof } = samplePayment({ count: count!, index: index! });
  return new TextEncoder().encode(issueReceipt(facts, proof, issuer, nativeCrypto));
});

/** What the chain says: the rest of a receipt is its issuer's own word. */
const chainPart = ({ payer, payee, amount, token, time, transactionHash, block, sealer, proof }: Receipt): string =>
  JSON.stringify([payer, payee, amount.base, token.contract, time, transactionHash, block, sealer, proof]);

const readReceipt = (file: Uint8Array): Receipt =>
  (JSON.parse(new TextDecoder().decode(file)) as { receipt: Receipt }).receipt;
const originals = new Set(FILES.map((file) => bytesToHex(file)));
/** A verification takes milliseconds, and every other input is one of the few files as it was issued. */
const accepted = new Set<string>();
const chainParts = new Set(FILES.map((file) => chainPart(readReceipt(file))));

export const RECEIPT_TARGET: FuzzTarget = {
  name: 'payment-receipt',
  explains: 'receipt files, damaged, or changed and signed again',
  generate: (random) => random.pick(FILES),
  mutate(random, bytes, other) {
    if (random.oneIn(3)) return mutateBytes(random, bytes, other);
    if (random.oneIn(2)) return signedAgain(nudged(random, bytes));
    const changed = mutateJson(random, bytes, other);
    return random.oneIn(2) ? changed : signedAgain(changed);
  },
  check(input) {
    const name = bytesToHex(input);
    if (accepted.has(name)) return 'accepted';
    const { kind, receipt } = verifyReceipt(input, known, undefined, nativeCrypto);
    if (kind === 'keys-unknown') throw new FuzzFinding('Two known keys were not compared.');
    if (kind === 'invalid') return 'refused';
    if (input.length > RECEIPT_BYTES_MAX) throw new FuzzFinding(`A file of ${input.length} bytes was read.`);
    // Another text is one that its issuer has signed; it has to be about a payment of the chain.
    if (originals.has(name)) accepted.add(name);
    else if (!chainParts.has(chainPart(receipt!)))
      throw new FuzzFinding(`A payment that is not on the chain was accepted: ${chainPart(receipt!)}`);
    return 'accepted';
  },
};

/** One digit in place of another: what is stated changes, its form does not. */
function nudged(random: Random, file: Uint8Array): Uint8Array {
  const isDigit = (byte: number): boolean => (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102);
  const digits = [...file.keys()].filter((at) => isDigit(file[at]!) && isDigit(file[at - 1] ?? 0));
  return digits.length === 0 ? file : file.with(random.pick(digits), random.pick([...HEX_DIGITS]));
}

const HEX_DIGITS = new TextEncoder().encode('0123456789abcdef');

/** The file with a signature of its issuer over whatever stands in it now; as it is where nothing can be signed. */
function signedAgain(file: Uint8Array): Uint8Array {
  try {
    const receipt = readReceipt(file);
    return new TextEncoder().encode(encodeReceiptFile(receipt, issuer.sign(receiptBytes(receipt))));
  } catch {
    // Not JSON any more, or values that no receipt can hold: the verifier sees it unsigned.
    return file;
  }
}
