/** The chain as it says it is: every block read once, every effect of a transaction worked out again from its bytes. */
import { addressOf, integerOf, readRlp } from './rlp.ts';
import { hex, type Rpc } from './rpc.ts';

/** What a successful transaction did to tokens or coin. */
export type Effect =
  | {
      readonly kind: 'token';
      readonly contract: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly amount: bigint;
    }
  | { readonly kind: 'coin'; readonly to: string; readonly amount: bigint }
  | { readonly kind: 'nothing' };

export interface ChainTransaction {
  readonly hash: string;
  readonly block: number;
  readonly blockHash: string;
  readonly from: string;
  readonly nonce: bigint;
  readonly fee: bigint;
  readonly isSuccess: boolean;
  readonly effect: Effect;
}

export interface Chain {
  readonly height: number;
  readonly blocks: ReadonlyMap<number, string>;
  readonly transactions: ReadonlyMap<string, ChainTransaction>;
  /** `address nonce` → hash. */
  readonly byNonce: ReadonlyMap<string, string>;
  /** Transactions of an address so far. */
  readonly nonces: ReadonlyMap<string, bigint>;
  /** Contract → address → tokens. */
  readonly tokens: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** Contract → minted − burned. */
  readonly supply: ReadonlyMap<string, bigint>;
  /** `contract address` of holdings that have changed since they were taken the last time. */
  takeTouched(): string[];
  /** Reads up to the newest block. A chain that has become another one is read anew. */
  follow(): Promise<void>;
}

interface RpcTransaction {
  hash: string;
  from: string;
  nonce: string;
  to: string | null;
  value: string;
  input: string;
  type: string;
  gasPrice: string;
}
interface RpcBlock {
  number: string;
  hash: string;
  transactions: RpcTransaction[];
}
interface RpcReceipt {
  transactionHash: string;
  blockHash: string;
  status: string;
  gasUsed: string;
  contractAddress: string | null;
}

const TOKEN_TYPE = 0x14n;
const BLOCKS = 100;

/** Makes the reader; nothing is read before `follow`. */
export function createChain(rpc: Rpc): Chain {
  let height = -1;
  const blocks = new Map<number, string>();
  const transactions = new Map<string, ChainTransaction>();
  const byNonce = new Map<string, string>();
  const nonces = new Map<string, bigint>();
  const tokens = new Map<string, Map<string, bigint>>();
  const supply = new Map<string, bigint>();
  let touched = new Set<string>();

  const add = (contract: string, address: string, amount: bigint): void => {
    const holders = tokens.get(contract) ?? new Map<string, bigint>();
    tokens.set(contract, holders.set(address, (holders.get(address) ?? 0n) + amount));
    touched.add(`${contract} ${address}`);
  };
  const take = (transaction: ChainTransaction): void => {
    const { effect, from, nonce } = transaction;
    transactions.set(transaction.hash, transaction);
    byNonce.set(`${from} ${nonce}`, transaction.hash);
    nonces.set(from, (nonces.get(from) ?? 0n) + 1n);
    if (!transaction.isSuccess || effect.kind !== 'token') return;
    if (effect.from !== null) add(effect.contract, effect.from, -effect.amount);
    if (effect.to !== null) add(effect.contract, effect.to, effect.amount);
    const issued = (effect.from === null ? effect.amount : 0n) - (effect.to === null ? effect.amount : 0n);
    supply.set(effect.contract, (supply.get(effect.contract) ?? 0n) + issued);
  };
  const read = async (from: number, to: number): Promise<void> => {
    const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const found = (await rpc(
      numbers.map((number) => ({ method: 'sym_getBlockByNumber', params: [hex(number), true] })),
    )) as RpcBlock[];
    const all = found.flatMap((block) => block.transactions.map((transaction) => ({ block, transaction })));
    const receipts = (await rpc(
      all.map(({ transaction }) => ({ method: 'sym_getTransactionReceipt', params: [transaction.hash] })),
    )) as RpcReceipt[];
    for (const block of found) blocks.set(Number.parseInt(block.number, 16), block.hash);
    for (const [index, { block, transaction }] of all.entries()) take(readOf(block, transaction, receipts[index]!));
    height = to;
  };

  return {
    get height() {
      return height;
    },
    blocks,
    transactions,
    byNonce,
    nonces,
    tokens,
    supply,
    takeTouched() {
      const taken = [...touched];
      touched = new Set();
      return taken;
    },
    async follow() {
      if (height >= 0) {
        const [last] = (await rpc([{ method: 'sym_getBlockByNumber', params: [hex(height), false] }])) as [
          RpcBlock | null,
        ];
        if (last?.hash !== blocks.get(height)) {
          for (const map of [blocks, transactions, byNonce, nonces, tokens, supply]) map.clear();
          height = -1;
        }
      }
      const [newest] = (await rpc([{ method: 'sym_blockNumber', params: [] }])) as [string];
      const head = Number.parseInt(newest, 16);
      while (height < head) await read(height + 1, Math.min(height + BLOCKS, head));
    },
  };
}

function readOf(block: RpcBlock, transaction: RpcTransaction, receipt: RpcReceipt): ChainTransaction {
  if (receipt.blockHash !== block.hash)
    throw new Error(
      `Expected the receipt of ${transaction.hash} to name block ${block.hash}, got ${receipt.blockHash}.`,
    );
  return {
    hash: transaction.hash.slice(2),
    block: Number.parseInt(block.number, 16),
    blockHash: block.hash,
    from: transaction.from,
    nonce: BigInt(transaction.nonce),
    fee: BigInt(receipt.gasUsed) * BigInt(transaction.gasPrice),
    isSuccess: receipt.status === '0x1',
    effect:
      BigInt(transaction.type) === 1n
        ? effectOfCall({
            from: transaction.from,
            contract: transaction.to ?? receipt.contractAddress,
            input: Buffer.from(transaction.input.slice(2), 'hex'),
          })
        : { kind: 'coin', to: transaction.to ?? '', amount: BigInt(transaction.value) },
  };
}

/** [template, method, [arguments]]; of the token template: 0 create, 1 transfer, 2 transferFrom, 5 mint, 6 burn. */
export function effectOfCall(call: { from: string; contract: string | null; input: Buffer }): Effect {
  const parts = readRlp(call.input);
  if (!Array.isArray(parts) || call.contract === null || integerOf(parts[0]) !== TOKEN_TYPE) return { kind: 'nothing' };
  const { contract } = call;
  const given = parts[2];
  if (!Array.isArray(given)) return { kind: 'nothing' };
  switch (integerOf(parts[1])) {
    case 0n:
      return { kind: 'token', contract, from: null, to: addressOf(given[3]), amount: integerOf(given[2]) };
    case 1n:
      return { kind: 'token', contract, from: call.from, to: addressOf(given[0]), amount: integerOf(given[1]) };
    case 2n:
      return {
        kind: 'token',
        contract,
        from: addressOf(given[0]),
        to: addressOf(given[1]),
        amount: integerOf(given[2]),
      };
    case 5n:
      return { kind: 'token', contract, from: null, to: addressOf(given[0]), amount: integerOf(given[1]) };
    case 6n:
      return { kind: 'token', contract, from: addressOf(given[0]), to: null, amount: integerOf(given[1]) };
    default:
      return { kind: 'nothing' };
  }
}
