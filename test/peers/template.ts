/**
 * One template through the published client, method by method. A case says what comes before, a call that must succeed and how the
 * client sees it afterwards, and a call that must fail and with which errCode. The calls are written in our types; the
 * client builds the same ones from plain values, and its bytes, gas and receipts are compared with ours.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex0x, toHex0x } from '@jigeum/std';
import { contractAddress, dataGas, estimateGas, type SymId } from '@jigeum/symverse';
import {
  IDS,
  startPeer,
  toQuantity,
  type Builders,
  type Built,
  type Name,
  type Peer,
  type PeerReceipt,
} from './symjs.ts';

/** A call of a template in our types. */
interface AnyCall {
  readonly method: string;
}

export interface TemplateUnderTest<Call extends AnyCall> {
  readonly template: 'sct20' | 'sct21' | 'sct30' | 'sct40';
  readonly encode: (call: Call) => Uint8Array;
  readonly decode: (input: Uint8Array) => Call;
  /** The client's builder of a method, where its name is not the method's. */
  readonly builders?: Readonly<Record<string, string>>;
  /** Methods that the client writes under another number than our library; ours reads them. */
  readonly writtenOtherwise?: readonly string[];
  /** The contract that each test begins with, made by alice. */
  readonly creation: Call;
  readonly cases: { readonly [Method in Call['method']]: Case<Call> };
}

export type Step<Call> = readonly [from: Name, call: Call];
/** A read of `network.call.sct` without its contract, which comes first. */
export type Read = readonly [read: string, ...args: unknown[]];

export interface Case<Call> {
  readonly before?: readonly Step<Call>[];
  readonly succeeds: Step<Call>;
  /** What the client reads after the success; after the failure it is what it was before. */
  readonly shows: readonly [...Read, expected: unknown];
  readonly fails: Step<Call>;
  readonly errCode: number;
}

/** Tests every method of a template. */
export function testTemplate<Call extends AnyCall>(under: TemplateUnderTest<Call>): void {
  let peer: Peer;
  beforeAll(async () => {
    peer = await startPeer();
  });
  afterAll(() => peer.stop());
  const builders = (): Builders => peer.symjs.param[under.template];
  const builderOf = (method: string): string => under.builders?.[method] ?? method;

  const send = async (to: SymId | null, [from, call]: Step<Call>): Promise<PeerReceipt> => {
    const build = builders()[builderOf(call.method)]!;
    // The client turns its arguments into hex, in place, so that each use needs a call of its own.
    const input = fromHex0x(`0x${build(...argumentsOf(call)).raw()}`);
    expectSameCall(under, call, input);
    const gas = clientGas(peer, build(...argumentsOf(call)), input, to);
    expect(gas, 'the gas that the client estimates').toBe(estimateGas({ to, input, type: 1 }));
    const receipt = await peer.send(from, {
      type: 1,
      input: toHex0x(input),
      gasLimit: toQuantity(gas),
      ...(to !== null && { to }),
    });
    expect(receipt).toMatchObject({ from: IDS[from], to, logs: [] });
    // Documented: 1000 pays base and data only.
    const operation = receipt.errCode === '0x3e8' ? (to === null ? 8_000_000n : 49_000n) + dataGas(input) : gas;
    expect(BigInt(receipt.gasUsed), 'gasUsed').toBe(operation);
    return receipt;
  };
  const sceneOf = async ({ before = [] }: Case<Call>): Promise<SymId> => {
    const nonce = BigInt((await peer.call['getTransactionCount']!(IDS.alice)) as string);
    const { contractAddress: contract } = await send(null, ['alice', under.creation]);
    expect(contract).toBe(contractAddress(IDS.alice, nonce));
    for (const step of before) expect(await send(contract, step), step[1].method).toMatchObject({ status: '0x1' });
    return contract!;
  };
  const read = (contract: SymId, [name, ...args]: Read): Promise<unknown> => peer.call.sct[name]!(contract, ...args);

  describe(`${under.template} through symjs`, () => {
    const cases = Object.entries(under.cases) as [Call['method'], Case<Call>][];

    it('has every builder of the client under test', () => {
      const tested = cases.map(([method]) => builderOf(method)).toSorted();
      expect(Object.keys(builders()).toSorted()).toEqual(tested);
    });

    it.each(cases)('%s succeeds, for the gas that the client estimates, and shows', async (method, one) => {
      const isCreation = method === 'create';
      const scene = isCreation ? null : await sceneOf(one);
      const receipt = await send(scene, one.succeeds);
      expect(receipt).toMatchObject({ status: '0x1' });
      expect(receipt).not.toHaveProperty('errCode');
      expect(receipt.contractAddress === null).toBe(!isCreation);
      const expected = one.shows.at(-1);
      expect(await read(scene ?? receipt.contractAddress!, one.shows.slice(0, -1) as unknown as Read)).toEqual(
        expected,
      );
    });

    it.each(cases)('%s that is refused has status 0x0, its errCode, and changes nothing', async (method, one) => {
      const scene = await sceneOf(one);
      const shows = one.shows.slice(0, -1) as unknown as Read;
      const before = await read(scene, shows);
      expect(await send(method === 'create' ? null : scene, one.fails)).toMatchObject({
        status: '0x0',
        errCode: toQuantity(BigInt(one.errCode)),
        contractAddress: null,
      });
      expect(await read(scene, shows)).toEqual(before);
    });
  });
}

/** A call's values as a user of the client passes them: numbers as hex or, where they are small, as numbers; items as lists. */
function argumentsOf(call: AnyCall): unknown[] {
  const { method: _method, ...values } = call;
  return Object.values(values).map((value) => (Array.isArray(value) ? value.map(itemOf) : plain(value)));
}

const itemOf = (item: object): unknown[] => Object.values(item).map(plain);
const plain = (value: unknown): unknown => {
  if (typeof value !== 'bigint') return value;
  return value < 1_000n ? Number.parseInt(value.toString(), 10) : toQuantity(value);
};

/** The client's bytes are ours. It writes zero as the byte 0x00, which ours reads as zero but never writes. */
function expectSameCall<Call extends AnyCall>(under: TemplateUnderTest<Call>, call: Call, input: Uint8Array): void {
  expect(under.decode(input)).toEqual(call);
  const isOtherwise = under.writtenOtherwise?.includes(call.method) === true || hasZero(call);
  if (!isOtherwise) expect(toHex0x(input)).toBe(toHex0x(under.encode(call)));
}

const hasZero = (value: unknown): boolean =>
  value === 0n || (typeof value === 'object' && value !== null && Object.values(value).some(hasZero));

function clientGas(peer: Peer, built: Built, input: Uint8Array, to: SymId | null): bigint {
  const { type, method, params } = built;
  return BigInt(peer.symjs.param.gas.estimate(input, to === null, type, method, params.length));
}
