/** `ChainDriver` over the JSON-RPC of a Symverse node: ours or a gsym. */
import {
  ChainUnreachable,
  type BroadcastOutcome,
  type ChainDriver,
  type ChainHead,
  type ChainState,
  type NonceClaim,
  type TransactionOutcome,
} from '@jigeum/chain';
import { assert, bytesToHex, equalBytes, hexToBytes, toHex0x } from '@jigeum/std';
import {
  encodeTransaction,
  gasFeeHug,
  parseSymId,
  signatureFromBytes,
  signingHash,
  transactionHash,
  type ProtocolCrypto,
  type SymId,
  type UnsignedTransaction,
} from '@jigeum/symverse';
import {
  httpTransport,
  RpcResponseError,
  RPC_CODE,
  type RpcArguments,
  type RpcBlock,
  type RpcCall,
  type RpcMethod,
  type RpcOutcome,
  type RpcReceipt,
  type RpcResult,
  type RpcTransaction,
  type RpcTransport,
} from '@jigeum/symverse/rpc';
import { outcomeOfError } from './errors.ts';
import { followHeads } from './follow-heads.ts';
import { bodyOf, feeHugOf, noteOf } from './intent.ts';
import { closingOf, headerFacts } from './read-block.ts';
import { contractFactsOf, itemOf, outcomeOfReceipt, proofView, readTransaction } from './read.ts';
import { CALLS_MAX, createSameChainClient, unreachable } from './same-chain.ts';

export interface SymverseDriverOptions {
  /** JSON-RPC address of the node, or a transport of one's own (tests put a lossy one here). */
  node: string | RpcTransport;
  /** WebSocket address that tells of new heads. Left out: that of the node, where `node` is an address; gsym has another port for it. */
  headsUrl?: string | undefined;
  chainId: number;
  /** `nativeCrypto` on the server, `nobleCrypto` elsewhere. */
  crypto: ProtocolCrypto;
  /** SymID of the one work node that a transaction names. The network wants exactly one since gsym 1.0.23. */
  workNode?: string;
  /** Hash of block 0. Left out (or not known): that of the first node of the chain id that answers. */
  genesisHash?: `0x${string}` | undefined;
  /** Waits at most this long for an answer, in milliseconds. */
  timeoutMs?: number;
}

/** Named in transactions where nothing else is configured: the master CA's second SymID, which each network has. */
const WORK_NODE_DEFAULT = '0x00010000000000010002';
const TIMEOUT_MS = 5_000;
/** How often reads that a new block has cut through are repeated. A block comes once a second and a read takes milliseconds. */
const SAME_HEAD_TRIES = 5;
/** Three calls each, which must fit into one request. */
const PROOFS_MAX = Math.floor(CALLS_MAX / 3);
/** Hashes and addresses in one question: more is a mistake of the caller. */
const ASK_MAX = 10_000;

/** Makes a driver. Connects to nothing before the first question. */
export function createSymverseDriver(options: SymverseDriverOptions): ChainDriver {
  const { chainId, crypto } = options;
  const workNode = parseSymId(options.workNode ?? WORK_NODE_DEFAULT);
  const node = createSameChainClient({
    transport: typeof options.node === 'string' ? httpTransport(options.node) : options.node,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    chainId,
    genesisHash: options.genesisHash,
  });

  /** One call, with whatever became of it. */
  async function ask<M extends RpcMethod>(method: M, ...params: RpcArguments<M>): Promise<RpcOutcome<M>> {
    const [outcome] = await node.ask([{ method, params } as RpcCall]);
    return outcome as RpcOutcome<M>;
  }

  /** One read. Everything but a result is `ChainUnreachable`: nothing may be concluded from it. */
  async function read<M extends RpcMethod>(method: M, ...params: RpcArguments<M>): Promise<RpcResult<M>> {
    const outcome = await ask(method, ...params);
    if (!outcome.ok) throw unreachable(method, outcome.error);
    return outcome.result;
  }

  /** Many reads in as few requests as there can be, in their order. */
  async function readAll<M extends RpcMethod>(method: M, params: readonly RpcArguments<M>[]): Promise<RpcResult<M>[]> {
    assert(params.length <= ASK_MAX, `at most ${ASK_MAX} questions at once`);
    const results: RpcResult<M>[] = [];
    for (let start = 0; start < params.length; start += CALLS_MAX) {
      const some = params.slice(start, start + CALLS_MAX);
      for (const outcome of await node.ask(some.map((one) => ({ method, params: one }) as RpcCall))) {
        if (!outcome.ok) throw unreachable(method, outcome.error);
        results.push(outcome.result as RpcResult<M>);
      }
    }
    return results;
  }

  /** The same read for many addresses, none of which a new block has cut through. */
  async function readAtOneHead<M extends RpcMethod>(
    method: M,
    params: readonly RpcArguments<M>[],
  ): Promise<RpcResult<M>[]> {
    for (let attempt = 1; attempt <= SAME_HEAD_TRIES; attempt++) {
      const before = await read('sym_blockNumber');
      const results = await readAll(method, params);
      if ((await read('sym_blockNumber')) === before) return results;
    }
    throw new ChainUnreachable(`Expected ${params.length} answers between two blocks, got a new block each time.`);
  }

  /** A block with whole transactions. One whose answer would be too large is asked for in parts. */
  async function fullBlock(
    number: bigint,
  ): Promise<(Omit<RpcBlock, 'transactions'> & { transactions: RpcTransaction[] }) | null> {
    const isWhole = (each: `0x${string}` | RpcTransaction): each is RpcTransaction => typeof each !== 'string';
    const outcome = await ask('sym_getBlockByNumber', number, true);
    if (!outcome.ok && !(outcome.error instanceof RpcResponseError))
      throw unreachable('sym_getBlockByNumber', outcome.error);
    const block = outcome.ok ? outcome.result : await inParts(number);
    if (block === null) return null;
    const transactions = block.transactions.filter(isWhole);
    if (transactions.length !== block.transactions.length)
      throw new ChainUnreachable('Expected whole transactions in a block, got hashes.');
    return { ...block, transactions };
  }

  async function inParts(number: bigint): Promise<RpcBlock | null> {
    const block = await read('sym_getBlockByNumber', number, false);
    if (block === null) return null;
    const hashes = block.transactions.map((each) => (typeof each === 'string' ? each : each.hash));
    const transactions: RpcTransaction[] = [];
    for (let start = 0; start < hashes.length; start += ASK_MAX) {
      const some = hashes.slice(start, start + ASK_MAX).map((hash) => [hash] as const);
      for (const transaction of await readAll('sym_getTransactionByHash', some as never)) {
        if (transaction === null)
          throw new ChainUnreachable(`Expected every transaction of block ${number}, got fewer.`);
        transactions.push(transaction);
      }
    }
    return { ...block, transactions };
  }

  async function receiptsOf(hashes: readonly `0x${string}`[]): Promise<(RpcReceipt | null)[]> {
    const receipts: (RpcReceipt | null)[] = [];
    for (let start = 0; start < hashes.length; start += ASK_MAX) {
      const some = hashes.slice(start, start + ASK_MAX).map((hash) => [hash] as const);
      receipts.push(...(await readAll('sym_getTransactionReceipt', some as never)));
    }
    return receipts.map((receipt, index) => {
      if (receipt !== null && receipt.transactionHash !== hashes[index]) {
        throw new ChainUnreachable(`Expected the receipt of ${hashes[index]}, got that of ${receipt.transactionHash}.`);
      }
      return receipt;
    });
  }

  /** One request: a batch is answered by one node, in its order. */
  async function proveSome(asked: readonly NonceClaim[]): Promise<{ isProven: boolean; finalNonce: number }[]> {
    const hashes = asked.map(({ hash }) => toHex0x(hash));
    const answers = await node.ask([
      ...asked.map(({ from }) => ({ method: 'sym_getTransactionCount', params: [symId(from), 'latest'] }) as const),
      ...hashes.map((hash) => ({ method: 'sym_getTransactionReceipt', params: [hash] }) as const),
      ...hashes.map((hash) => ({ method: 'sym_getTransactionByHash', params: [hash] }) as const),
    ]);
    const results = answers.map((answer) => {
      if (answer.ok) return answer.result;
      throw unreachable('sym_getTransactionCount', answer.error);
    });
    return asked.map(({ nonce }, index) => {
      const finalNonce = Number(results[index]);
      const isKnown = results[asked.length + index] !== null || results[2 * asked.length + index] !== null;
      return { isProven: finalNonce > nonce && !isKnown, finalNonce };
    });
  }

  /** One request. A node of another chain may have taken them as well: only ours can say what became of them. */
  async function sendSome(raws: readonly Uint8Array[]): Promise<BroadcastOutcome[]> {
    let answers: RpcOutcome<'sym_sendRawTransaction'>[];
    try {
      const calls = raws.map((raw) => ({ method: 'sym_sendRawTransaction', params: [raw] }) as const);
      answers = (await node.ask(calls)) as RpcOutcome<'sym_sendRawTransaction'>[];
    } catch (error) {
      if (!(error instanceof ChainUnreachable)) throw error;
      return raws.map(() => ({ kind: 'unknown', cause: error.message }));
    }
    return answers.map((answer, index): BroadcastOutcome => {
      if (!answer.ok) return outcomeOfError(answer.error);
      const hash = transactionHash(raws[index]!, crypto.sha3);
      return equalBytes(hexToBytes(answer.result.slice(2)), hash)
        ? { kind: 'accepted' }
        : { kind: 'unknown', cause: `Expected the hash ${toHex0x(hash)}, got ${answer.result}.` };
    });
  }

  function stateAt(block: bigint): ChainState {
    return {
      nativeBalances: (addresses) =>
        readAll(
          'sym_getBalance',
          addresses.map((address): [SymId, bigint] => [symId(address), block]),
        ),
      async tokenBalances(contract, addresses) {
        const token = symId(contract);
        const accounts = await readAll(
          'sct_getContractAccount',
          addresses.map((address): [SymId, SymId, bigint] => [token, symId(address), block]),
        );
        return accounts.map(balanceOf);
      },
      async nonces(addresses) {
        const counts = await readAll(
          'sym_getTransactionCount',
          addresses.map((address): [SymId, bigint] => [symId(address), block]),
        );
        return counts.map(Number);
      },
      async supply(contract) {
        return (await read('sct_getContract', symId(contract), block))?.total ?? null;
      },
    };
  }

  return {
    chainId,

    async head(): Promise<ChainHead> {
      const block = await read('sym_getBlockByNumber', 'latest', false);
      if (block === null) throw new ChainUnreachable('Expected a newest block, got none.');
      return headOf(block);
    },

    onHead(call) {
      const url = options.headsUrl ?? (typeof options.node === 'string' ? options.node : undefined);
      return url === undefined ? () => undefined : followHeads(url, call);
    },

    nativeBalance: (address) => read('sym_getBalance', symId(address)),

    nativeBalances: (addresses) =>
      readAtOneHead(
        'sym_getBalance',
        addresses.map((address): [SymId] => [symId(address)]),
      ),

    async tokenBalances(contract, addresses) {
      const token = symId(contract);
      const accounts = await readAtOneHead(
        'sct_getContractAccount',
        addresses.map((address): [SymId, SymId] => [token, symId(address)]),
      );
      return accounts.map(balanceOf);
    },

    stateAt: (block) => stateAt(BigInt(block)),

    async finalNonce(address) {
      return Number(await read('sym_getTransactionCount', symId(address), 'latest'));
    },

    feeOf: feeHugOf,

    noteOf,

    sign({ intent, from, nonce, signer }) {
      const unsigned: UnsignedTransaction = {
        ...bodyOf(intent),
        from: symId(from),
        nonce: BigInt(nonce),
        workNodes: [workNode],
        extraData: new Uint8Array(0),
      };
      const { r, s, v } = signer.sign(signingHash(unsigned, BigInt(chainId), crypto.sha3));
      assert(v === 0 || v === 1, 'the recovery id is 0 or 1');
      assert(r.length === 32 && s.length === 32, 'r and s have 32 bytes');
      const signature = signatureFromBytes(new Uint8Array([...r, ...s]), v);
      const raw = encodeTransaction({ ...unsigned, ...signature });
      return { raw, hash: transactionHash(raw, crypto.sha3), feeMax: gasFeeHug(unsigned.gas) };
    },

    async broadcast(raws) {
      assert(raws.length <= ASK_MAX, `at most ${ASK_MAX} transactions at once`);
      const outcomes: BroadcastOutcome[] = [];
      for (let start = 0; start < raws.length; start += CALLS_MAX)
        outcomes.push(...(await sendSome(raws.slice(start, start + CALLS_MAX))));
      return outcomes;
    },

    async outcomes(hashes) {
      const names = hashes.map((hash) => toHex0x(hash));
      const receipts = await receiptsOf(names);
      const missing = names.filter((_, index) => receipts[index] === null);
      const waiting = await readAll('sym_getTransactionByHash', missing.map((hash) => [hash] as const) as never);
      const isKnown = new Map(missing.map((hash, index) => [hash, waiting[index] !== null]));
      return receipts.map((receipt, index): TransactionOutcome => {
        if (receipt !== null) return outcomeOfReceipt(receipt);
        return isKnown.get(names[index]!) === true ? { kind: 'pending' } : { kind: 'absent' };
      });
    },

    async provenAbsent(asked) {
      const proofs: { isProven: boolean; finalNonce: number }[] = [];
      for (let start = 0; start < asked.length; start += PROOFS_MAX)
        proofs.push(...(await proveSome(asked.slice(start, start + PROOFS_MAX))));
      return proofs;
    },

    async contractFacts(contract) {
      const facts = await read('sct_getContract', symId(contract));
      if (facts === null) return null;
      return contractFactsOf(contract, facts);
    },

    async contractItems(contract, indexes) {
      const asked = indexes.map((index) => [symId(contract), BigInt(index)] as const);
      const items = await readAll('sct_getContractItem', asked as never);
      return items.map((item) => (item === null ? null : itemOf(item)));
    },

    async block(number) {
      const block = await fullBlock(BigInt(number));
      if (block === null) return null;
      const receipts = await receiptsOf(block.transactions.map((transaction) => transaction.hash));
      return {
        ...headOf(block),
        parentHash: block.parentHash,
        ...closingOf(block),
        transactions: block.transactions.map((transaction, index) => {
          const receipt = receipts[index];
          if (receipt === undefined || receipt === null) {
            throw new ChainUnreachable(`Expected a receipt of ${transaction.hash} in block ${number}, got none.`);
          }
          return readTransaction(transaction, receipt, crypto);
        }),
      };
    },

    headerFacts,

    async transaction(hash) {
      if (!/^0x[0-9a-f]{64}$/.test(hash)) return null;
      const name = hash as `0x${string}`;
      const transaction = await read('sym_getTransactionByHash', name);
      if (transaction === null) return null;
      const [receipt] = await receiptsOf([name]);
      return readTransaction(transaction, receipt ?? null, crypto);
    },

    async transactionProof(hash) {
      if (!/^0x[0-9a-f]{64}$/.test(hash)) return null;
      const outcome = await ask('jigeum_getTransactionProof', hash as `0x${string}`);
      if (outcome.ok) return outcome.result === null ? null : proofView(outcome.result);
      // gsym has no such method: its transactions are as true, but nobody proves them.
      if (outcome.error instanceof RpcResponseError && outcome.error.code === RPC_CODE.methodNotFound) return null;
      throw unreachable('jigeum_getTransactionProof', outcome.error);
    },

    async identity(address) {
      const citizen = await read('citizen_getCitizenBySymID', symId(address));
      if (citizen === null) return null;
      return {
        caId: citizen.ca,
        keyHash: `0x${bytesToHex(citizen.aKeyPubH)}`,
        // Verification bit 1 is the phone (symverse.md §1).
        isPhoneVerified: (citizen.vFlag & 0b10n) !== 0n,
        status: Number(citizen.status),
        role: Number(citizen.role),
      };
    },

    deposit: async (address) => (await read('sym_getDeposit', symId(address))).deposit,
  };
}

/** A contract of items has no balances. */
const balanceOf = (account: RpcResult<'sct_getContractAccount'>): bigint =>
  account !== null && 'balance' in account ? account.balance : 0n;

const symId = (text: string): SymId => parseSymId(text);

const headOf = (block: RpcBlock): ChainHead => ({
  number: Number(block.number),
  hash: block.hash,
  atMs: Number(block.timeStamp) * 1000,
});
