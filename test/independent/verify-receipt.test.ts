/** Receipts over blocks of a real node, checked by a program that shares no code with the issuer. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIssuer, issueReceipt } from '@jigeum/receipt';
import { seededIds, toHex0x } from '@jigeum/std';
import {
  contractAddress,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  parseSymId,
  readTransactionProof,
  signTransaction,
  type Sct20Call,
  type SignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';

const PROGRAM = fileURLToPath(new URL('verify-receipt.ts', import.meta.url));
const CHAIN_ID = 7777n;
const ALICE = parseSymId('0x00020000000000060002');
const BOB = parseSymId('0x00020000000000070002');
const KEYS = { [ALICE]: new Uint8Array(32).fill(1), [BOB]: new Uint8Array(32).fill(2) };
const TOKEN = contractAddress(ALICE, 0n);
const issuer = createIssuer(new Uint8Array(32).fill(7));

let folder: string;
let node: StartedWorkNode;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-receipt-'));
  const genesis = JSON.stringify({
    chainId: 7777,
    citizens: Object.entries(KEYS).map(([symId, key]) => ({
      symId,
      keyHash: toHex0x(keyHash(nativeCrypto.publicKey(key))),
    })),
    allocations: { [ALICE]: (100n * HUG_PER_SYM).toString() },
  });
  node = await startWorkNode({ dataDir: join(folder, 'node'), genesis, ids: seededIds('receipt'), blockMs: 3_600_000 });
  await send(0n, null, { method: 'create', name: 'eSportsToken', symbol: 'EST', amount: 10n ** 24n, owner: ALICE });
  node.node.seal();
  const payments: SignedTransaction[] = [];
  for (let nonce = 1n; nonce <= 30n; nonce++)
    payments.push(await send(nonce, TOKEN, { method: 'transfer', to: BOB, amount: 1_250n * 10n ** 18n + nonce }));
  node.node.seal();
  const { hashHex } = payments[20]!;
  file = issueReceipt(
    {
      transferId: '019ac5a0-0000-7000-8000-000000000002',
      chainId: CHAIN_ID,
      amount: 1_250n * 10n ** 18n + 21n,
      token: { contract: TOKEN, decimals: 18, symbol: 'EST' },
      payer: ALICE,
      payee: BOB,
      transactionHash: hashHex,
      memo: '',
      memoSalt: new Uint8Array(32).fill(5),
    },
    readTransactionProof(await ask('jigeum_getTransactionProof', [hashHex])),
    issuer,
    nativeCrypto,
  );
});

afterAll(async () => {
  await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(nonce: bigint, to: typeof TOKEN | null, call: Sct20Call): Promise<SignedTransaction> {
  const input = encodeSct20(call);
  const gas = estimateGas({ to, input, type: 1 });
  const rest = { value: 0n, type: 1, workNodes: [ALICE], extraData: new Uint8Array(0) } as const;
  const unsigned = { from: ALICE, nonce, gasPrice: GAS_PRICE_HUG, gas, to, input, ...rest };
  const signed = signTransaction(unsigned, CHAIN_ID, KEYS[ALICE]!, nativeCrypto);
  expect(await ask('sym_sendRawTransaction', [toHex0x(signed.raw)])).toBe(signed.hashHex);
  return signed;
}

async function ask(method: string, params: unknown[]): Promise<unknown> {
  const answer = await fetch(node.rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await answer.json()) as { result?: unknown; error?: unknown };
  if (error !== undefined) throw new Error(`Expected an answer to ${method}, got ${JSON.stringify(error)}.`);
  return result;
}

/** Runs the program over files and gives its exit status and its sentences. */
function runProgram(
  receipts: readonly Uint8Array[],
  keys = [toHex0x(issuer.publicKey), toHex0x(node.genesis.sealer.keyHash)],
) {
  const paths = receipts.map((_receipt, index) => join(folder, `${index}.json`));
  paths.forEach((path, index) => writeFileSync(path, receipts[index]!));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...keys, ...paths], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe('');
  return { status, sentences: stdout.trimEnd().split('\n') };
}

test('a receipt of a real block holds for a stranger with two keys', () => {
  const { status, sentences } = runProgram([Buffer.from(file)]);
  expect(sentences).toEqual([
    expect.stringMatching(
      /^holds: 1,250\.000000000000000021 EST from 0x00020000000000060002, signed by the key 0x[0-9a-f]{40}, to 0x00020000000000070002 in block 2\.$/,
    ),
  ]);
  expect(status).toBe(0);
});

test('a receipt is refused with any one byte changed', () => {
  const bytes = Buffer.from(file);
  const flips = Array.from(bytes, (byte, at) => Uint8Array.from(bytes).with(at, byte ^ (1 << (at % 8))));
  const { status, sentences } = runProgram(flips);
  expect(status).toBe(1);
  expect(sentences).toHaveLength(flips.length);
  sentences.forEach((sentence, at) => expect(sentence, `byte ${at}`).toMatch(/^refused: /));
});

test('a receipt is refused for another issuer or sealer than the trusted one', () => {
  const other = createIssuer(new Uint8Array(32).fill(8));
  const sealer = toHex0x(node.genesis.sealer.keyHash);
  expect(runProgram([Buffer.from(file)], [toHex0x(other.publicKey), sealer])).toEqual({
    status: 1,
    sentences: ['refused: the issuer has not signed this'],
  });
  expect(runProgram([Buffer.from(file)], [toHex0x(issuer.publicKey), `0x${'1'.repeat(40)}`])).toEqual({
    status: 1,
    sentences: ['refused: it names another sealer key'],
  });
});
