/** Who pays whom in the storm: a few senders, each with a token of its own, and every payment that was ever signed. */
import { bytesToHex, toHex0x } from '@jigeum/std';
import {
  contractAddress,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  makeSymId,
  signTransaction,
  type SymId,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { Random } from '../../fuzz/random.ts';

const CHAIN_ID = 7777n;
const SENDERS = 5;
export const START_HUG = 1_000_000n * HUG_PER_SYM;
export const SUPPLY = 10n ** 24n;
/** The genesis token was made by its creator's transaction 0. */
const FIRST_NONCE = 1;

/** One signed transfer. The same bytes are sent until they are answered. */
export interface Payment {
  readonly nonce: number;
  readonly hash: `0x${string}`;
  readonly raw: Uint8Array;
  readonly amount: bigint;
  readonly feeHug: bigint;
  /** The node has told this hash as the answer: from now on it may not be lost. */
  isAnswered: boolean;
  /** Seen in a block. */
  isFinal: boolean;
}

export interface Sender {
  readonly symId: SymId;
  readonly privateKey: Uint8Array;
  readonly token: SymId;
  /** By nonce, from the first. */
  readonly payments: Payment[];
  /** The nonce of the payment that is sent next. */
  next: number;
}

export interface FaultWorld {
  readonly senders: readonly Sender[];
  /** The genesis file's text. */
  readonly genesis: string;
}

/** Senders and genesis of one seed. */
export function createFaultWorld(random: Random): FaultWorld {
  const senders = Array.from({ length: SENDERS }, (_, index): Sender => {
    const symId = makeSymId({ caId: 2, random: Uint8Array.of(0, 0, 0, 0, 1, index), seq: 2 });
    // The top byte keeps it below the order of the curve.
    const privateKey = Uint8Array.of(1, ...random.bytes(31));
    const token = contractAddress(symId, 0n, 'current', nativeCrypto.sha3);
    return { symId, privateKey, token, payments: [], next: FIRST_NONCE };
  });
  const genesis = JSON.stringify({
    chainId: Number(CHAIN_ID),
    timestamp: 1_767_225_600,
    citizens: senders.map(({ symId, privateKey }) => ({
      symId,
      keyHash: toHex0x(keyHash(nativeCrypto.publicKey(privateKey))),
    })),
    allocations: Object.fromEntries(senders.map(({ symId }) => [symId, START_HUG.toString()])),
    tokens: senders.map(({ symId }, index) => ({
      template: 'sct20',
      creator: symId,
      owner: symId,
      name: `Token ${index}`,
      symbol: `TK${index}`,
      supply: SUPPLY.toString(),
    })),
  });
  return { senders, genesis };
}

/** The payment of a sender with this nonce: the one that was signed already, or a new one. */
export function paymentOf(world: FaultWorld, sender: Sender, nonce: number, random: Random): Payment {
  const known = sender.payments[nonce - FIRST_NONCE];
  if (known !== undefined) return known;
  const others = world.senders.filter((other) => other !== sender);
  const amount = BigInt(random.between(1, 1_000_000));
  const input = encodeSct20({ method: 'transfer', to: random.pick(others).symId, amount });
  const gas = estimateGas({ to: sender.token, input, type: 1 });
  const { raw, hash } = signTransaction(
    {
      from: sender.symId,
      nonce: BigInt(nonce),
      gasPrice: GAS_PRICE_HUG,
      gas,
      to: sender.token,
      value: 0n,
      input,
      type: 1,
      workNodes: null,
      extraData: new Uint8Array(0),
    },
    CHAIN_ID,
    sender.privateKey,
    nativeCrypto,
  );
  const payment: Payment = {
    nonce,
    hash: `0x${bytesToHex(hash)}`,
    raw,
    amount,
    feeHug: gas * GAS_PRICE_HUG,
    isAnswered: false,
    isFinal: false,
  };
  sender.payments.push(payment);
  return payment;
}

/** What a sender has when its payments before this nonce are in blocks. */
export function expectedAt(sender: Sender, nonce: number): { readonly hug: bigint; readonly tokens: bigint } {
  const spent = sender.payments.slice(0, nonce - FIRST_NONCE);
  return {
    hug: START_HUG - spent.reduce((sum, { feeHug }) => sum + feeHug, 0n),
    tokens: SUPPLY - spent.reduce((sum, { amount }) => sum + amount, 0n),
  };
}
