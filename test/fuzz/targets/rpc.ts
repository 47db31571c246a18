/**
 * JSON-RPC: bodies into the dispatcher of a work node in memory, with its real handlers. Every body gets one well-formed answer
 * with a documented code or, when it holds only notifications, none; the node never reports a failure of its own; what it
 * answers, our client can read; and parameters mean what they say.
 */
import { toHex0x } from '@jigeum/std';
import {
  encodeOracle,
  encodeSct20,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  makeSymId,
  signCitizen,
  signTransaction,
  type SymId,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import {
  decodeRpcParams,
  decodeRpcResult,
  encodeRpcParams,
  isRpcMethod,
  RPC_CODE,
  RPC_METHODS,
  RpcShapeError,
  type RpcArguments,
  type RpcMethod,
} from '@jigeum/symverse/rpc';
import { BODY_BYTES_MAX, CHAIN_ID, createWorld, PEOPLE, type TestWorld } from '@jigeum/worknode/testing';
import { isDeepStrictEqual } from 'node:util';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget, type Verdict } from '../target.ts';
import * as values from '../values.ts';

/** A node forgets what was sent to it after so many bodies, so that memory is bounded and a finding can be repeated. */
const BODIES_PER_WORLD = 1000;

/** What a world holds that calls can ask for. */
interface Known {
  readonly symIds: readonly SymId[];
  readonly contract: SymId;
  readonly hashes: readonly string[];
}

/** A target over worlds of one seed: each begins with a token and a payment in two blocks. */
export async function createRpcTarget(): Promise<FuzzTarget> {
  let { world, known } = await begin();
  return {
    name: 'rpc',
    explains: 'JSON-RPC bodies into a work node in memory',
    period: BODIES_PER_WORLD,
    async reset() {
      ({ world, known } = await begin());
    },
    generate: (random) => new TextEncoder().encode(JSON.stringify(body(random, world, known))),
    mutate: mutateJson,
    // No transport hands the dispatcher more: the answer to a longer body is a 413, or the end of the connection.
    check: async (input) => (input.length > BODY_BYTES_MAX ? 'refused' : verdictOf(input, await world.answer(input))),
  };
}

async function begin(): Promise<{ world: TestWorld; known: Known }> {
  const world = createWorld();
  const contract = await world.createToken();
  const paid = world.sign('alice', { to: world.people.bob.symId, value: HUG_PER_SYM });
  await world.run(paid);
  const blocks = [0, 1, 2].map((number) => toHex0x(world.storage.block(number)!.hash));
  const hashes = [paid.hashHex, ...blocks, `0x${'11'.repeat(32)}`];
  return { world, known: { symIds: PEOPLE.map((name) => world.people[name].symId), contract, hashes } };
}

/** A body that a careful client sends: one call, a notification, or a batch. */
function body(random: Random, world: TestWorld, known: Known): unknown {
  if (random.oneIn(12)) return Array.from({ length: random.between(1, 4) }, () => call(random, world, known));
  return call(random, world, known);
}

function call(random: Random, world: TestWorld, known: Known): object {
  const method = random.pick(METHODS);
  const { names, params: codecs } = RPC_METHODS[method];
  const params = names.map((name) => parameter(random, name, method, world, known));
  // What has a default may be left out at the end.
  const isOptional = (index: number): boolean => 'fallback' in codecs[index]!;
  while (params.length > 0 && isOptional(params.length - 1) && random.oneIn(3)) params.pop();
  const id = random.pick([{ id: random.below(100) }, { id: 'a' }, { id: null }, {}]);
  return { ...(random.oneIn(10) ? {} : { jsonrpc: '2.0' }), ...id, method, params };
}

const quantity = (value: bigint): string => `0x${value.toString(16)}`;
const number = (random: Random): string => quantity(BigInt(random.below(4)));

type Maker = (random: Random, world: TestWorld, known: Known, method: string) => unknown;

const aSymId: Maker = (random, _world, known) => random.pick([...known.symIds, known.contract, values.symId(random)]);
const aBlock: Maker = (random) => random.pick(['latest', 'earliest', 'pending', number(random)]);

/** A parameter by its name in the schema. Methods with a parameter that is not here come up only where a body is damaged. */
const PARAMETERS: Readonly<Record<string, Maker>> = {
  data: (random) => toHex0x(values.someBytes(random, 100)),
  symId: aSymId,
  owner: aSymId,
  spender: aSymId,
  from: aSymId,
  contract: (random, world, known, method) => (random.oneIn(2) ? known.contract : aSymId(random, world, known, method)),
  block: aBlock,
  hash: (random, _world, known) => random.pick(known.hashes),
  isFull: (random) => random.oneIn(2),
  index: (random) => number(random),
  userId: (random) => random.pick(['abc', 'testUserID18']),
  json: () => '{"price":0.1}',
  passphrase: () => null,
  raw: rawOf,
  transaction: (random, _world, known) => ({
    from: random.pick(known.symIds),
    nonce: number(random),
    gasPrice: quantity(GAS_PRICE_HUG),
    gas: '0xbf68',
    to: random.pick([...known.symIds, known.contract]),
    value: number(random),
    type: random.pick(['0x0', '0x1', '0x2']),
    v: '0x0',
    r: '0x1',
    s: '0x1',
  }),
  oracle: (random, _world, known) => ({ from: random.pick(known.symIds), nonce: number(random), data: '0x7b7d' }),
  citizen: (random, _world, known) => ({
    from: random.pick(known.symIds),
    to: random.pick(known.symIds),
    nonce: number(random),
    symId: values.symId(random),
    aKeyPubH: toHex0x(random.bytes(20)),
  }),
  call: (random, _world, known) => ({
    type: '0x14',
    method: '0x1',
    params: { to: random.pick(known.symIds), amount: number(random) },
  }),
};

const METHODS = (Object.keys(RPC_METHODS) as RpcMethod[]).filter((method) =>
  RPC_METHODS[method].names.every((name) => Object.hasOwn(PARAMETERS, name)),
);

const parameter = (random: Random, name: string, method: RpcMethod, world: TestWorld, known: Known): unknown =>
  PARAMETERS[name]!(random, world, known, method);

/** Bytes to send or to decode: signed by somebody whom the node knows, so that some are executed. */
function rawOf(random: Random, world: TestWorld, known: Known, method: string): string {
  if (/citizen/i.test(method)) {
    const {
      v: _v,
      r: _r,
      s: _s,
      ...unsigned
    } = { ...values.citizen(random), from: makeSymId({ caId: 2, random: new Uint8Array(6), seq: 2 }) };
    return toHex0x(signCitizen(unsigned, CHAIN_ID, world.keys.ca, nativeCrypto).raw);
  }
  if (/oracle/i.test(method)) return toHex0x(encodeOracle(values.oracle(random)));
  const { symId, privateKey } = world.people[random.pick(PEOPLE)];
  const isCall = random.oneIn(2);
  const to = random.pick(known.symIds);
  const signed = signTransaction(
    {
      from: symId,
      nonce: BigInt(random.below(6)),
      gasPrice: GAS_PRICE_HUG,
      gas: 100_000n,
      to: isCall ? known.contract : to,
      value: isCall ? 0n : values.uint(random, 8),
      input: isCall ? encodeSct20({ method: 'transfer', to, amount: BigInt(random.below(1200)) }) : new Uint8Array(0),
      type: isCall ? 1 : 0,
      workNodes: [world.genesis.sealer.symId],
      extraData: new Uint8Array(0),
    },
    CHAIN_ID,
    privateKey,
    nativeCrypto,
  );
  return toHex0x(signed.raw);
}

const CODES: ReadonlySet<unknown> = new Set(Object.values(RPC_CODE).filter((code) => code !== RPC_CODE.internalError));
/** Codes that say that the body was at fault, not what it asked for. */
const BODY_CODES: ReadonlySet<unknown> = new Set([
  RPC_CODE.parseError,
  RPC_CODE.invalidRequest,
  RPC_CODE.invalidParams,
]);

interface Answer {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
}

/** Of a batch of a thousand copies of one call, the first are enough. */
const CALLS_LOOKED_AT = 20;

function verdictOf(input: Uint8Array, text: string | undefined): Verdict {
  const answers = text === undefined ? [] : JSON.parse(text);
  const isBatch = Array.isArray(answers) && text !== undefined;
  const given: readonly Answer[] = isBatch ? answers : text === undefined ? [] : [answers as Answer];
  if (isBatch && given.length === 0) throw new FuzzFinding('An empty batch was answered.');
  for (const answer of given) checkAnswer(answer);
  // What the node did not read to its end is not read here either: that could take as long as the node is not allowed to.
  if (!isBatch && given[0]?.error?.code === RPC_CODE.parseError) return 'refused';
  const request = parsed(input);
  const calls: readonly unknown[] = Array.isArray(request) ? request : [request];
  for (const one of calls.slice(0, CALLS_LOOKED_AT)) checkParameters(one);
  if (calls.length === 1 && given.length === 1) checkResult(calls[0], given[0]!);
  return given.some(({ error }) => BODY_CODES.has(error?.code)) ? 'refused' : 'accepted';
}

function checkAnswer(answer: Answer): void {
  if (answer.jsonrpc !== '2.0' || !('id' in answer)) throw new FuzzFinding('An answer has no jsonrpc or id.');
  if ('result' in answer === 'error' in answer)
    throw new FuzzFinding('An answer has both result and error, or neither.');
  const { error } = answer;
  if (error === undefined) return;
  if (typeof error.message !== 'string' || error.message === '') throw new FuzzFinding('An error has no text.');
  if (!CODES.has(error.code)) throw new FuzzFinding(`An error has the undocumented code ${String(error.code)}.`);
}

/** Parameters that are accepted mean the same when they are written anew, in the one form that our client writes. */
function checkParameters(one: unknown): void {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return;
  const { method, params } = one as { readonly method?: unknown; readonly params?: unknown };
  if (typeof method !== 'string' || !isRpcMethod(method)) return;
  let decoded: RpcArguments<RpcMethod>;
  try {
    decoded = decodeRpcParams(method, params) as RpcArguments<RpcMethod>;
  } catch (error) {
    if (error instanceof RpcShapeError) return;
    throw error;
  }
  const again = encodeRpcParams(method, decoded);
  if (!isDeepStrictEqual(decodeRpcParams(method, again), decoded))
    throw new FuzzFinding(`Parameters of ${method} mean something else when they are written anew.`);
  const before = Array.isArray(params) ? (params as readonly unknown[]) : [];
  before.forEach((value, index) => {
    if (!isSame(value, again[index]))
      throw new FuzzFinding(
        `Parameter ${index + 1} of ${method} is accepted in a form that no client is known to write.`,
      );
  });
}

/** Whether `ours` is what the client's value says: hex in any case, a number for a quantity or digits and the other way round, null for a default, empty text for
 * no bytes, more members than ours. */
function isSame(theirs: unknown, ours: unknown): boolean {
  if (theirs === null || theirs === undefined) return true;
  if (typeof theirs === 'string' && typeof ours === 'string')
    return theirs === ours || (ours.startsWith('0x') && (theirs === '' ? '0x' : theirs.toLowerCase()) === ours);
  if (typeof theirs === 'number' && typeof ours === 'string') return isQuantity(theirs, ours);
  if (typeof theirs === 'string' && typeof ours === 'number') return isQuantity(ours, theirs.toLowerCase());
  if (Array.isArray(theirs) && Array.isArray(ours))
    return theirs.length === ours.length && theirs.every((value, index) => isSame(value, ours[index]));
  if (typeof theirs === 'object' && typeof ours === 'object' && ours !== null) {
    const given = theirs as Readonly<Record<string, unknown>>;
    return Object.entries(ours).every(([name, value]) => !Object.hasOwn(given, name) || isSame(given[name], value));
  }
  return theirs === ours;
}

/** A number and the text that stands for it: a quantity or, where documents show decimals, its digits. */
const isQuantity = (number: number, text: string): boolean =>
  Number.isSafeInteger(number) && number >= 0 && (text === `0x${number.toString(16)}` || text === `${number}`);

function checkResult(one: unknown, answer: Answer): void {
  if (!('result' in answer)) return;
  const { method } = one as { readonly method: RpcMethod };
  decodeRpcResult(method, answer.result);
}

function parsed(input: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input));
  } catch {
    // No JSON: the answer is checked, and there are no parameters to look at.
    return undefined;
  }
}
