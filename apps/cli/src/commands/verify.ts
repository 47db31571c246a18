/** `jigeum verify <receipt.json>`: checks a payment's receipt by itself, without server, node or network. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  issuerKeyId,
  RECEIPT_BYTES_MAX,
  verifyReceipt,
  type KnownKeys,
  type ShownMemo,
  type Verdict,
} from '@jigeum/receipt';
import { hexToBytes, isHex } from '@jigeum/std';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage: jigeum verify <receipt.json> [--issuer-key <hex or file>] [--sealer-key <hex or file>]
                     [--keys <file>] [--chain-id <number>] [--memo <text> --salt <hex>] [--korean] [--json]

Checks a receipt by itself and says each step in words. Status 0: it is valid. Status 1: it is not.
Status 2: nothing in it is wrong, but whose keys count was not said.

  --issuer-key   a public key (or its id) that you trust: 64 hex digits, or a file with them; may be given more than once
  --sealer-key   a node's key hash that you trust: 40 hex digits, or a file with them; may be given more than once
  --keys         a saved answer of GET /v1/receipts/keys: all keys in it are trusted
  --memo --salt  checks a memo that payer or payee has shown you

Without keys anybody may have written the file: it says so, and you have to compare them yourself.`;

export async function verifyCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      'issuer-key': { type: 'string', multiple: true, default: [] },
      'sealer-key': { type: 'string', multiple: true, default: [] },
      keys: { type: 'string' },
      'chain-id': { type: 'string' },
      memo: { type: 'string' },
      salt: { type: 'string' },
      korean: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [path, ...surplus] = positionals;
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (path === undefined || surplus.length > 0) throw new Refusal(USAGE);
  const known = knownKeys(values);
  const verdict = verifyReceipt(readReceipt(path), known, shownMemo(values.memo, values.salt));
  console.log(values.json ? JSON.stringify(verdict, null, 2) : inWords(verdict, values.korean ? 'ko' : 'en'));
  // A program that asks must not take for valid what anybody can write.
  process.exitCode = { valid: 0, invalid: 1, 'keys-unknown': 2 }[verdict.kind];
}

function readReceipt(path: string): Uint8Array {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) throw new Refusal(`There is no file ${path}.`);
  if (stat.size > RECEIPT_BYTES_MAX)
    throw new Refusal(`Expected a receipt of ${RECEIPT_BYTES_MAX} bytes at most, ${path} has ${stat.size}.`);
  return new Uint8Array(readFileSync(path));
}

interface KeyOptions {
  'issuer-key': string[];
  'sealer-key': string[];
  keys?: string | undefined;
  'chain-id'?: string | undefined;
}

function knownKeys(given: KeyOptions): KnownKeys {
  const listed = given.keys === undefined ? NO_KEYS : readKeyList(given.keys);
  const issuerKeys = given['issuer-key'].map((text) => readKey('--issuer-key', text, 32));
  const sealerKeys = given['sealer-key'].map((text) => readKey('--sealer-key', text, 20));
  return {
    chainId: given['chain-id'] ?? listed.chainId,
    // A key and its id have the same length. Nobody can make a key whose bytes are a given id, so both readings are safe.
    issuerKeyIds: [
      ...issuerKeys.flatMap((digits) => [`0x${digits}`, issuerKeyId(hexToBytes(digits))]),
      ...listed.issuerKeyIds,
    ],
    sealerKeyHashes: [...sealerKeys.map((digits) => `0x${digits}`), ...listed.sealerKeyHashes],
  };
}

const NO_KEYS: KnownKeys = { issuerKeyIds: [], sealerKeyHashes: [] };

/** Hex digits, with or without 0x, or a file that holds them. */
function readKey(option: string, given: string, length: number): string {
  const text = existsSync(given) ? readFileSync(given, 'utf8').trim() : given;
  const digits = text.replace(/^0x/, '').toLowerCase();
  if (digits.length !== length * 2 || !isHex(digits))
    throw new Refusal(`Expected ${length * 2} hex digits, or a file with them, after ${option}, got "${given}".`);
  return digits;
}

function readKeyList(path: string): KnownKeys {
  try {
    const { chainId, issuerKeys, sealers } = JSON.parse(readFileSync(path, 'utf8')) as {
      chainId: string;
      issuerKeys: { keyId: string }[];
      sealers: { keyHash: string }[];
    };
    return {
      chainId,
      issuerKeyIds: issuerKeys.map(({ keyId }) => keyId),
      sealerKeyHashes: sealers.map(({ keyHash }) => keyHash),
    };
  } catch (cause) {
    throw new Refusal(`Expected a saved answer of GET /v1/receipts/keys in ${path}: ${(cause as Error).message}`);
  }
}

function shownMemo(text: string | undefined, salt: string | undefined): ShownMemo | undefined {
  if (text === undefined && salt === undefined) return undefined;
  if (text === undefined || salt === undefined)
    throw new Refusal('Expected --memo and --salt together, got one of them.');
  return { text, salt: hexToBytes(readKey('--salt', salt, 32)) };
}

const MARKS = { passed: 'ok  ', failed: 'FAIL', unknown: '?   ', skipped: '-   ' } as const;

const CLOSINGS = {
  valid: { en: 'This receipt is valid.', ko: '이 영수증은 진짜예요.' },
  'keys-unknown': {
    en: 'WARNING: nothing in the file is wrong, but a key was not compared with one that you trust. Anybody could have made a file with keys of his own.\nGive --issuer-key and --sealer-key, or --keys.',
    ko: '주의: 파일에 틀린 곳은 없지만, 믿을 수 있는 열쇠와 비교하지 않았어요. 누구나 자기 열쇠로 이런 파일을 만들 수 있어요.\n--issuer-key와 --sealer-key, 또는 --keys를 주세요.',
  },
  invalid: { en: 'This receipt is NOT valid.', ko: '이 영수증은 믿을 수 없어요.' },
} as const;

function inWords({ kind, steps, receipt }: Verdict, language: 'en' | 'ko'): string {
  const lines = steps.map((step) => `${MARKS[step.outcome]}  ${step[language]}\n      ${step.detail}`);
  const what =
    receipt === undefined || kind === 'invalid'
      ? []
      : [
          '',
          `${receipt.amount.words}  ${receipt.time}`,
          `from ${receipt.payer} to ${receipt.payee}`,
          `receipt ${receipt.transferId}, block ${receipt.block.number} of chain ${receipt.chainId}`,
        ];
  return [...lines, ...what, '', CLOSINGS[kind][language]].join('\n');
}
