/** Proofs that a node gives over HTTP, checked by a program that shares no code with it, and by the library that the scanner uses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromHex0x, seededIds, toHex0x } from '@jigeum/std';
import {
  contractAddress,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  makeSymId,
  parseSymId,
  readBalanceProof,
  readCitizenProof,
  readContractAccountProof,
  readContractProof,
  readTransactionProof,
  signTransaction,
  verifyBalanceProof,
  verifyCitizenProof,
  verifyContractAccountProof,
  verifyContractProof,
  verifyTransactionProof,
  type Sct20Call,
  type SignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';

const PROGRAM = fileURLToPath(new URL('verify-proof.ts', import.meta.url));
const CHAIN_ID = 7777n;
const ALICE = parseSymId('0x00020000000000060002');
/** Everybody gets a transfer, so that the state's tries have branches. */
const PAYEES = Array.from({ length: 40 }, (_unused, index) =>
  makeSymId({ caId: 2, random: Uint8Array.of(0, 0, 0, 0, 1, index), seq: 2 }),
);
const BOB = PAYEES[20]!;
const NOBODY = parseSymId('0x00020000000000080002');
const ALICE_KEY = new Uint8Array(32).fill(1);
const TOKEN = contractAddress(ALICE, 0n);

type Json = Record<string, unknown>;
type Kind = 'transaction' | 'balance' | 'holding' | 'contract' | 'key';

const hashOf = (key: Uint8Array): string => toHex0x(keyHash(nativeCrypto.publicKey(key)));

let folder: string;
let node: StartedWorkNode;
let sealerKeyHash: Uint8Array;
let proven: SignedTransaction;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-proof-'));
  const payees = PAYEES.map((symId, index) => ({ symId, keyHash: hashOf(new Uint8Array(32).fill(index + 2)) }));
  const genesis = JSON.stringify({
    chainId: 7777,
    citizens: [{ symId: ALICE, keyHash: hashOf(ALICE_KEY) }, ...payees],
    allocations: Object.fromEntries([ALICE, ...PAYEES].map((symId) => [symId, (100n * HUG_PER_SYM).toString()])),
  });
  // Blocks are closed by hand, so that the newest one is the one of the proofs.
  node = await startWorkNode({ dataDir: join(folder, 'node'), genesis, ids: seededIds('proof'), blockMs: 3_600_000 });
  sealerKeyHash = node.genesis.sealer.keyHash;
  await send(0n, null, { method: 'create', name: 'eSportsToken', symbol: 'EST', amount: 1000n, owner: ALICE });
  node.node.seal();
  const sent: SignedTransaction[] = [];
  for (const [index, to] of PAYEES.entries())
    sent.push(await send(BigInt(index + 1), TOKEN, { method: 'transfer', to, amount: BigInt(index + 1) }));
  node.node.seal();
  proven = sent[20]!;
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
  const signed = signTransaction(unsigned, CHAIN_ID, ALICE_KEY, nativeCrypto);
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

const proofOf = async (kind: Kind, symId = BOB): Promise<Json> => {
  if (kind === 'transaction') return (await ask('jigeum_getTransactionProof', [proven.hashHex])) as Json;
  if (kind === 'balance') return (await ask('jigeum_getBalanceProof', [symId])) as Json;
  if (kind === 'key') return (await ask('jigeum_getCitizenProof', [symId])) as Json;
  if (kind === 'contract') return (await ask('jigeum_getContractProof', [symId === BOB ? TOKEN : symId])) as Json;
  return (await ask('jigeum_getContractAccountProof', [TOKEN, symId])) as Json;
};
const questionOf = (kind: Kind, symId = BOB): string =>
  ({
    transaction: proven.hashHex,
    balance: symId,
    holding: `${TOKEN}/${symId}`,
    contract: `contract/${symId === BOB ? TOKEN : symId}`,
    key: `key/${symId}`,
  })[kind];

/** Runs the program over proofs and gives its exit status and its sentences. */
function runProgram(question: string, proofs: readonly unknown[], sealer = toHex0x(sealerKeyHash), chain = CHAIN_ID) {
  const files = proofs.map((_proof, index) => join(folder, `${index}.json`));
  files.forEach((file, index) => writeFileSync(file, JSON.stringify(proofs[index])));
  const args = [PROGRAM, chain.toString(), sealer, question, ...files];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe('');
  return { status, sentences: stdout.trimEnd().split('\n') };
}

/** What the library says of a proof. */
function isValidHere(kind: Kind, json: Json): boolean {
  const trust = { chainId: CHAIN_ID, sealerKeyHash, symId: BOB, contract: TOKEN, transactionHash: proven.hash };
  if (kind === 'transaction') return verifyTransactionProof(readTransactionProof(json), trust, nativeCrypto).isValid;
  if (kind === 'balance') return verifyBalanceProof(readBalanceProof(json), trust, nativeCrypto).isValid;
  if (kind === 'key') return verifyCitizenProof(readCitizenProof(json), trust, nativeCrypto).isValid;
  if (kind === 'contract') return verifyContractProof(readContractProof(json), trust, nativeCrypto).isValid;
  return verifyContractAccountProof(readContractAccountProof(json), trust, nativeCrypto).isValid;
}

/** The proof once for each byte of its byte strings, nodes included, with one bit of that byte changed. */
function flipsOf(proof: Json): { where: string; json: Json }[] {
  return Object.entries(proof).flatMap(([name, value]) => {
    if (name === 'chainId' || name === 'transactionIndex') {
      return [{ where: name, json: { ...proof, [name]: `0x${(BigInt(value as string) ^ 1n).toString(16)}` } }];
    }
    if (!Array.isArray(value)) {
      return flipped(value as string).map((json, at) => ({
        where: `${name}[${at}]`,
        json: { ...proof, [name]: json },
      }));
    }
    return (value as string[]).flatMap((node, index) =>
      flipped(node).map((json, at) => ({
        where: `${name}[${index}][${at}]`,
        json: { ...proof, [name]: value.with(index, json) as unknown },
      })),
    );
  });
}

function flipped(hex: string): string[] {
  const bytes = fromHex0x(hex);
  return Array.from(bytes, (byte, at) => toHex0x(bytes.with(at, byte ^ (1 << (at % 8)))));
}

describe.each<Kind>(['transaction', 'balance', 'holding', 'contract', 'key'])('the proof of a %s', (kind) => {
  test('holds for a stranger', async () => {
    const { status, sentences } = runProgram(questionOf(kind, ALICE), [await proofOf(kind, ALICE)]);
    expect(status).toBe(0);
    const amount = {
      transaction: `Transaction ${proven.hashHex}, signed by the key 0x`,
      balance: ALICE,
      holding: TOKEN,
      contract: ALICE,
      key: ALICE,
    };
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(new RegExp(`^holds: ${amount[kind]}`));
    if (kind === 'key') expect(sentences[0]).toBe(`holds: ${ALICE} has the key ${hashOf(ALICE_KEY)} as of block 2.`);
    if (kind === 'holding') expect(sentences[0]).toBe(`holds: ${TOKEN}/${ALICE} is 180 after block 2.`);
    if (kind === 'balance')
      expect(sentences[0]).toMatch(/has [0-9]{20} hug, a deposit of 0 and the nonce 41 after block 2\.$/);
    if (kind === 'transaction') expect(sentences[0]).toMatch(/ for 0x00020000000000060002, status 1, is in block 2\.$/);
  });

  test('is refused with any one byte changed, by the program and by the library', async () => {
    const flips = flipsOf(await proofOf(kind));
    expect(flips.length).toBeGreaterThan(1000);
    for (const { where, json } of flips) expect(isValidHere(kind, json), where).toBe(false);
    // A recovery takes milliseconds without the native library: the program sees every third.
    const sample = flips.filter((_flip, index) => index % 3 === 0);
    const { status, sentences } = runProgram(
      questionOf(kind),
      sample.map(({ json }) => json),
    );
    expect(status).toBe(1);
    expect(sentences).toHaveLength(sample.length);
    sentences.forEach((sentence, index) => expect(sentence, sample[index]!.where).toMatch(/^refused: /));
  });

  test('is refused for another question, sealer or chain than the trusted one', async () => {
    const proof = await proofOf(kind);
    const other = kind === 'transaction' ? `0x${'1'.repeat(64)}` : questionOf(kind, ALICE);
    expect(runProgram(other, [proof])).toMatchObject({ status: 1 });
    expect(runProgram(questionOf(kind), [proof], `0x${'2'.repeat(40)}`)).toMatchObject({ status: 1 });
    expect(runProgram(questionOf(kind), [proof], toHex0x(sealerKeyHash), 7778n)).toMatchObject({ status: 1 });
    expect(runProgram(questionOf(kind), [proof])).toMatchObject({ status: 0 });
  });
});

test('a proof with a node too many, or one missing, is refused', async () => {
  const proof = await proofOf('balance');
  const nodes = proof['proof'] as string[];
  expect(nodes.length).toBeGreaterThan(1);
  const proofs = [[...nodes, nodes[0]], nodes.slice(0, -1), []].map((list) => ({ ...proof, proof: list }));
  expect(runProgram(questionOf('balance'), proofs)).toEqual({
    status: 1,
    sentences: [
      'refused: the proof has surplus nodes',
      'refused: the proof lacks a node',
      'refused: the proof lacks a node',
    ],
  });
  for (const given of proofs) expect(isValidHere('balance', given)).toBe(false);
});

test('that a SymID has nothing is proven too, and nothing is not proven of one that has something', async () => {
  const [coins, tokens] = [await proofOf('balance', NOBODY), await proofOf('holding', NOBODY)];
  expect(runProgram(questionOf('balance', NOBODY), [coins])).toEqual({
    status: 0,
    sentences: [`holds: ${NOBODY} has nothing after block 2.`],
  });
  expect(runProgram(questionOf('holding', NOBODY), [tokens])).toMatchObject({ status: 0 });
  expect(runProgram(questionOf('key', NOBODY), [await proofOf('key', NOBODY)])).toEqual({
    status: 0,
    sentences: [`holds: ${NOBODY} is nobody as of block 2.`],
  });
  expect(runProgram(questionOf('contract'), [await proofOf('contract')])).toEqual({
    status: 0,
    sentences: [`holds: ${TOKEN} is the SCT20 EST of ${ALICE}, total 1000, not paused after block 2.`],
  });
  expect(runProgram(questionOf('contract', NOBODY), [await proofOf('contract', NOBODY)])).toEqual({
    status: 0,
    sentences: [`holds: ${NOBODY} is no contract after block 2.`],
  });
  const hidden = { ...(await proofOf('holding', BOB)), holding: null };
  expect(runProgram(questionOf('holding', BOB), [hidden])).toEqual({
    status: 1,
    sentences: ['refused: the trie holds another row than the proof says'],
  });
});
