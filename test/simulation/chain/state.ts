/** What the simulated chain has made final: accounts, tokens, and every transaction with its outcome. */
import type { ContractCall, UnsignedIntent } from '@jigeum/chain';
import { feeOf, type Transaction } from './transaction.ts';

export interface Token {
  contract: string;
  name: string;
  symbol: string;
  creator: string;
  isPaused: boolean;
  supply: bigint;
  balances: Map<string, bigint>;
}

export interface Account {
  keyHash: string;
  nonce: number;
  native: bigint;
}

export interface Executed {
  transaction: Transaction;
  blockNumber: number;
  blockHash: string;
  position: number;
  isSuccess: boolean;
  errorCode: number | null;
  fee: bigint;
  contract: string | null;
}

export const ERROR = { balance: 101, paused: 102, owner: 103, unknown: 104 } as const;

export class ChainState {
  readonly accounts = new Map<string, Account>();
  readonly tokens = new Map<string, Token>();
  readonly executed = new Map<string, Executed>();
  /** What has been minted at creation and since, less what was burned, by contract: the chain's own count (INV-01). */
  readonly issued = new Map<string, bigint>();

  /** All of it, to go on from here by itself. */
  copy(): ChainState {
    const copy = this.copyFigures();
    for (const [hash, executed] of this.executed) copy.executed.set(hash, executed);
    for (const [contract, amount] of this.issued) copy.issued.set(contract, amount);
    return copy;
  }

  /** What accounts have now. Without the transactions, which only become more: each says in which block it is. */
  copyFigures(): ChainState {
    const copy = new ChainState();
    for (const [address, account] of this.accounts) copy.accounts.set(address, { ...account });
    for (const [contract, token] of this.tokens)
      copy.tokens.set(contract, { ...token, balances: new Map(token.balances) });
    return copy;
  }

  /** Executes the sender's next transaction in a final block. Its fee is covered. */
  execute(transaction: Transaction, block: { number: number; hash: string; position: number }): Executed {
    const { intent, from } = transaction;
    const account = this.accounts.get(from)!;
    const errorCode = this.#apply(from, intent, transaction.nonce);
    // A failure costs part of the fee, as gas that was not used up.
    const fee = errorCode === null ? feeOf(intent) : feeOf(intent) / 2n;
    account.native -= fee;
    account.nonce++;
    const executed: Executed = {
      transaction,
      blockNumber: block.number,
      blockHash: block.hash,
      position: block.position,
      isSuccess: errorCode === null,
      errorCode,
      fee,
      contract: errorCode === null && intent.kind === 'create' ? contractOf(from, transaction.nonce) : null,
    };
    this.executed.set(transaction.hash, executed);
    return executed;
  }

  #apply(from: string, intent: UnsignedIntent, nonce: number): number | null {
    if (intent.kind === 'native') {
      const to = this.accounts.get(intent.to);
      if (to === undefined) return ERROR.unknown;
      this.accounts.get(from)!.native -= intent.amount;
      to.native += intent.amount;
      return null;
    }
    if (intent.kind === 'note') return null;
    if (intent.kind === 'create') {
      const contract = contractOf(from, nonce);
      this.tokens.set(contract, {
        contract,
        name: intent.name,
        symbol: intent.symbol,
        creator: from,
        isPaused: false,
        supply: intent.supply,
        balances: new Map([[intent.owner, intent.supply]]),
      });
      this.issued.set(contract, intent.supply);
      return null;
    }
    return this.#call(from, intent);
  }

  #call(from: string, call: Exclude<ContractCall, { kind: 'create' }>): number | null {
    const token = this.tokens.get(call.contract);
    if (token === undefined) return ERROR.unknown;
    if (call.kind === 'transfer') {
      if (token.isPaused) return ERROR.paused;
      const has = token.balances.get(from) ?? 0n;
      if (has < call.amount) return ERROR.balance;
      token.balances.set(from, has - call.amount);
      token.balances.set(call.to, (token.balances.get(call.to) ?? 0n) + call.amount);
      return null;
    }
    if (token.creator !== from) return ERROR.owner;
    switch (call.kind) {
      case 'pause':
      case 'unpause':
        token.isPaused = call.kind === 'pause';
        return null;
      case 'mint':
        token.supply += call.amount;
        this.issued.set(call.contract, this.issued.get(call.contract)! + call.amount);
        token.balances.set(call.to, (token.balances.get(call.to) ?? 0n) + call.amount);
        return null;
      case 'burn': {
        const has = token.balances.get(call.from) ?? 0n;
        if (has < call.amount) return ERROR.balance;
        token.supply -= call.amount;
        this.issued.set(call.contract, this.issued.get(call.contract)! - call.amount);
        token.balances.set(call.from, has - call.amount);
        return null;
      }
    }
  }
}

const contractOf = (creator: string, nonce: number): string =>
  `0x${creator.slice(6, 14)}${nonce.toString(16).padStart(12, '0')}`;
