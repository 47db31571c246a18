/**
 * The published client symjs 1.0.6 on our work node. Nothing in it is adapted to us: it builds, signs and sends, and our library
 * only looks at what it has sent.
 */
import { createRequire } from 'node:module';
import { expect, vi } from 'vitest';
import { fromHex0x, hexToBytes, toHex0x } from '@jigeum/std';
import {
  decodeTransaction,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  nobleCrypto,
  parseSymId,
  recoverSigner,
  transactionHash,
  type SymId,
} from '@jigeum/symverse';
import { startNode } from './node-process.ts';

type Call = (...args: unknown[]) => Promise<unknown>;
/** A contract call that the client has built. `raw` turns the values of `params` into hex, in place. */
export interface Built {
  readonly type: number;
  readonly method: number;
  readonly params: unknown[];
  raw(): string;
}
export type Builders = Readonly<Record<string, (...args: unknown[]) => Built>>;

interface Symjs {
  readonly network: {
    connect(url: string): Promise<{ result: boolean; message: unknown }>;
    readonly call: Readonly<Record<string, Call>> & {
      readonly sct: Readonly<Record<string, Call>>;
      readonly citizen: Readonly<Record<string, () => unknown>>;
    };
  };
  readonly signer: { sign(params: Record<string, unknown>, privateKey: string): string };
  readonly param: Readonly<Record<'sct20' | 'sct21' | 'sct30' | 'sct40', Builders>> & {
    readonly gas: {
      estimate(data: Uint8Array, isCreation: boolean, type: number, method: number, count: number): number;
    };
  };
}

/** A receipt as the node writes it. */
export interface PeerReceipt {
  readonly status: string;
  readonly errCode?: string;
  readonly gasUsed: string;
  readonly contractAddress: SymId | null;
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly from: string;
  readonly to: string | null;
  readonly logs: unknown[];
}

export const CHAIN_ID = 7777;
/** alice is the owner in Fig. 17 of the paper, with the key that symjs publishes in its own tests. dave never sends anything. */
const KEYS = {
  alice: '1a43aa399cb2efe186317e0b09f4a7ef88b83cff05089b145709881bf4db3a20',
  bob: '2'.repeat(64),
  carol: '3'.repeat(64),
  dave: '4'.repeat(64),
} as const;
export type Name = keyof typeof KEYS;
export const IDS: Readonly<Record<Name, SymId>> = {
  alice: parseSymId('0x00035b875ec2c5410002'),
  bob: parseSymId('0x00030000000000020002'),
  carol: parseSymId('0x00030000000000030002'),
  dave: parseSymId('0x00030000000000040002'),
};
/** A SymID that no CA has issued. */
export const NOBODY = parseSymId('0x00030909090909090002');
export const START_HUG = 1_000n * HUG_PER_SYM;

const hashOf = (name: Name): Uint8Array => keyHash(nobleCrypto.publicKey(hexToBytes(KEYS[name])));
export const toQuantity = (value: bigint): `0x${string}` => `0x${value.toString(16)}`;

export interface Peer {
  readonly rpcUrl: string;
  readonly symjs: Symjs;
  /** What the client calls over the network. */
  readonly call: Symjs['network']['call'];
  /** Signs with the next nonce. Fields may be anything that a caller of the client might pass; one that is undefined is left out. */
  sign(from: Name, fields: Readonly<Record<string, unknown>>): Promise<Uint8Array>;
  /**
   * Signs and sends with the client, checks that hash and signer of its bytes are those that our library finds, and waits for
   * the receipt.
   */
  send(from: Name, fields: Readonly<Record<string, unknown>>): Promise<PeerReceipt>;
  /** As `send`, without waiting: the hash that the client was answered with. */
  submit(from: Name, fields: Readonly<Record<string, unknown>>): Promise<string>;
  receiptOf(hash: string): Promise<PeerReceipt>;
  stop(): Promise<void>;
}

/** A node of its own and the client on it. */
export async function startPeer(): Promise<Peer> {
  const names = Object.keys(KEYS) as Name[];
  const node = await startNode({
    chainId: CHAIN_ID,
    caId: 3,
    citizens: names.map((name) => ({ symId: IDS[name], keyHash: toHex0x(hashOf(name)) })),
    allocations: Object.fromEntries(names.map((name) => [IDS[name], START_HUG.toString()])),
  });
  const symjs = new (createRequire(import.meta.url)('symjs') as new () => Symjs)();
  expect(await symjs.network.connect(node.rpcUrl)).toEqual({ result: true, message: 'Jigeum/worknode/v0.1.0' });
  const { call } = symjs.network;

  const fieldsOf = async (from: Name, fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
    const whole = {
      from: IDS[from],
      nonce: Number.parseInt((await call['getTransactionCount']!(IDS[from])) as string, 10),
      gasPrice: toQuantity(GAS_PRICE_HUG),
      gasLimit: 49_000,
      value: 0,
      type: 0,
      chainId: CHAIN_ID,
      workNodes: [IDS.alice],
      ...fields,
    };
    return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
  };
  // The client turns the values of its argument into hex, in place, lists included: each use needs a copy of its own.
  const copy = (fields: Record<string, unknown>): Record<string, unknown> => structuredClone(fields);

  const peer: Peer = {
    rpcUrl: node.rpcUrl,
    symjs,
    call,
    sign: async (from, fields) => fromHex0x(symjs.signer.sign(copy(await fieldsOf(from, fields)), KEYS[from])),
    async submit(from, fields) {
      const whole = await fieldsOf(from, fields);
      const raw = fromHex0x(symjs.signer.sign(copy(whole), KEYS[from]));
      const hash = (await call['sendTransaction']!(copy(whole), KEYS[from])) as string;
      expect({ hash, signer: recoverSigner(decodeTransaction(raw), BigInt(CHAIN_ID)) }).toEqual({
        hash: toHex0x(transactionHash(raw)),
        signer: hashOf(from),
      });
      return hash;
    },
    send: async (from, fields) => peer.receiptOf(await peer.submit(from, fields)),
    receiptOf: (hash) =>
      vi.waitFor(
        async () => {
          const receipt = (await call['getTransactionReceipt']!(hash)) as PeerReceipt | null;
          if (receipt === null) throw new Error(`Expected a receipt of ${hash}, got none yet.`);
          return receipt;
        },
        { timeout: 60_000, interval: 10 },
      ),
    stop: () => node.stop(),
  };
  return peer;
}
