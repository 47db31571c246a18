/** What the platform asks of any chain. Keys never enter a driver: it hands out bytes to sign to a `Signer`. */

/** Signs a 32-byte digest with one key. The caller made it from an opened keystore and clears it afterwards. */
export interface Signer {
  /** `r`, `s`: 32 bytes big-endian each, s in the low half; `v`: recovery id, 0 or 1. */
  sign(digest: Uint8Array): { r: Uint8Array; s: Uint8Array; v: number };
}

/** One operation on a token contract. `amount` in base units. Addresses in the chain's own text form. */
export type ContractCall =
  | { kind: 'create'; name: string; symbol: string; supply: bigint; owner: string }
  | { kind: 'transfer'; contract: string; to: string; amount: bigint }
  | { kind: 'mint'; contract: string; to: string; amount: bigint }
  | { kind: 'burn'; contract: string; from: string; amount: bigint }
  | { kind: 'pause'; contract: string }
  | { kind: 'unpause'; contract: string };

/**
 * What shall happen, before a nonce and a signature: a contract call, native coin to an address, or a note: bytes that the
 * chain keeps in a transaction to the sender itself (`to`), which moves nothing.
 */
export type UnsignedIntent =
  ContractCall | { kind: 'native'; to: string; amount: bigint } | { kind: 'note'; to: string; data: Uint8Array };

export interface SignedTransaction {
  /** The bytes that are sent, as often as needed; never another set for the same nonce. */
  raw: Uint8Array;
  /** 32 bytes. Known before the first broadcast. */
  hash: Uint8Array;
  /** The most that the chain may take from the sender for it, native base units, the sent native amount not included. */
  feeMax: bigint;
}

/** What a broadcast tells. `unknown` is never a failure: it may be on the chain; ask for the hash. */
export type BroadcastOutcome =
  | { kind: 'accepted' }
  | { kind: 'already-known' }
  | {
      kind: 'refused';
      reason: 'nonce-too-low' | 'nonce-too-high' | 'funds-too-low' | 'pool-full' | 'invalid';
      text: string;
    }
  | { kind: 'unknown'; cause: string };

/** What the chain says of a hash. Only `final` may be posted to the ledger. */
export type TransactionOutcome =
  | { kind: 'absent' }
  | { kind: 'pending' }
  | {
      kind: 'final';
      isSuccess: boolean;
      /** The chain's error code where it did not succeed. */
      errorCode: number | null;
      blockNumber: number;
      blockHash: string;
      /** Native base units that the sender paid. */
      fee: bigint;
      /** The contract that it created. */
      contract: string | null;
    };

export interface ChainHead {
  number: number;
  hash: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

export interface ContractFacts {
  contract: string;
  type: string;
  name: string;
  symbol: string;
  creator: string;
  owner: string;
  state: string;
  stateCode: string;
  supply: bigint;
}

/** A contract call read from a transaction, for people. */
export interface DecodedCall {
  template: string;
  method: string;
  contract: string | null;
  from: string | null;
  to: string | null;
  /** Base units, where the call is about a number of tokens that accounts hold. */
  amount: bigint | null;
  /** Every argument by the chain's own name. */
  args: Record<string, CallValue>;
}

/** Numbers as decimal digits, bytes as hex; a list where one call is about several things. */
export type CallValue = string | (string | Record<string, string>)[];

/** One thing of a contract whose things are held one by one. */
export interface ChainItem {
  index: number;
  /** Null where the chain does not tell. */
  owner: string | null;
  /** What the chain says of it, by its own names: numbers as decimal digits. */
  facts: Record<string, string>;
}

/** What a third party checks without believing the node, in the chain's own JSON. */
export type TransactionProof = Readonly<Record<string, string | readonly string[]>>;

export interface ChainTransaction {
  hash: string;
  blockNumber: number | null;
  from: string;
  to: string | null;
  nonce: number;
  value: bigint;
  kind: 'transfer' | 'sct' | 'deposit' | 'other';
  call: DecodedCall | null;
  outcome: TransactionOutcome;
  gasUsed: number | null;
  raw: string | null;
}

export interface ChainBlock extends ChainHead {
  parentHash: string;
  /** The header's bytes in the chain's own form, hex. What they say: `headerFacts`. */
  header: string;
  /** The signature of whoever closed the block, hex; null in a block that nobody signed. */
  seal: string | null;
  /** The whole block's length in bytes, as the node tells it. */
  size: number;
  transactions: ChainTransaction[];
}

/** What the chain records of an address's holder. Codes are the chain's own. */
export interface ChainIdentity {
  caId: string;
  keyHash: string;
  isPhoneVerified: boolean;
  status: number;
  role: number;
}

/** A signed transaction by what it takes from its sender. */
export interface NonceClaim {
  from: string;
  nonce: number;
  hash: Uint8Array;
}

/** What the chain held at the end of one block. Many addresses at once, answered in their order; each throws `ChainUnreachable`. */
export interface ChainState {
  /** Native coin, base units. */
  nativeBalances(addresses: readonly string[]): Promise<bigint[]>;
  tokenBalances(contract: string, addresses: readonly string[]): Promise<bigint[]>;
  /** How many transactions of each address were final. */
  nonces(addresses: readonly string[]): Promise<number[]>;
  /** All base units of a token that exist. Null where there was no such contract. */
  supply(contract: string): Promise<bigint | null>;
}

export interface ChainDriver {
  readonly chainId: number;
  /** The newest final block. Throws `ChainUnreachable`. */
  head(): Promise<ChainHead>;
  /**
   * Calls when there may be a new head, from now on, until the result is called. A hint and nothing more: it may come late,
   * twice or never, and a node that tells nothing is no error. Whoever must know asks for `head` on his own as well.
   */
  onHead(call: () => void): () => void;
  /** Native coin of an address at the newest final block, base units. Throws `ChainUnreachable`. */
  nativeBalance(address: string): Promise<bigint>;
  /** Native coin of many addresses at one head, in their order. Throws `ChainUnreachable`. */
  nativeBalances(addresses: readonly string[]): Promise<bigint[]>;
  /** Token of many addresses at one head, in their order. Throws `ChainUnreachable`. */
  tokenBalances(contract: string, addresses: readonly string[]): Promise<bigint[]>;
  /**
   * The state at the end of a final block, also of one that is not the newest: what a ledger that was posted up to a block is
   * compared with. A node that keeps no history answers for recent blocks only.
   */
  stateAt(block: number): ChainState;
  /** How many transactions of an address are final: its next nonce if none is under way. Throws `ChainUnreachable`. */
  finalNonce(address: string): Promise<number>;
  /** The exact fee that an intent will cost, native base units. Pure: prices and gas are fixed by the protocol or cached. */
  feeOf(intent: UnsignedIntent): bigint;
  /** The bytes of a note in a transaction as the chain shows it (`ChainTransaction.raw`); null where it is no note. Pure. */
  noteOf(raw: string): Uint8Array | null;
  /** Builds, hashes and signs. Pure: asks no node. */
  sign(input: { intent: UnsignedIntent; from: string; nonce: number; signer: Signer }): SignedTransaction;
  /**
   * Sends transactions in this order, as few requests as the node allows, and tells of each by itself. Never throws: where an
   * answer is lost, all that were in its request are `unknown`.
   */
  broadcast(raws: readonly Uint8Array[]): Promise<BroadcastOutcome[]>;
  /** What became of many hashes, in their order. Throws `ChainUnreachable`. */
  outcomes(hashes: readonly Uint8Array[]): Promise<TransactionOutcome[]>;
  /**
   * Whether these hashes can never be mined any more, in their order: true where the sender's final nonce has passed the
   * transaction's own and the chain knows no such hash, so that another one has used the nonce. One node is asked for the
   * nonces first and for the hashes after it, so that no block between the two misleads. Throws `ChainUnreachable`.
   */
  provenAbsent(asked: readonly NonceClaim[]): Promise<{ isProven: boolean; finalNonce: number }[]>;
  /** What a contract is. Null where there is none. Throws `ChainUnreachable`. */
  contractFacts(contract: string): Promise<ContractFacts | null>;
  /** Things of a contract that holds such, in the order of their indexes. Null where there is none. Throws `ChainUnreachable`. */
  contractItems(contract: string, indexes: readonly number[]): Promise<(ChainItem | null)[]>;
  /** One block with its transactions. Null beyond the head. Throws `ChainUnreachable`. */
  block(number: number): Promise<ChainBlock | null>;
  /** What a header says, by the chain's own names: numbers as decimal text, bytes as hex. Pure. Throws where it is no header. */
  headerFacts(header: string): Record<string, string>;
  /** One transaction. Null where the chain does not know it. Throws `ChainUnreachable`. */
  transaction(hash: string): Promise<ChainTransaction | null>;
  /** Proof that a final transaction is in its block. Null where the node makes none. Throws `ChainUnreachable`. */
  transactionProof(hash: string): Promise<TransactionProof | null>;
  /** What the chain records of an address's holder. Null where unknown. Throws `ChainUnreachable`. */
  identity(address: string): Promise<ChainIdentity | null>;
  /** Native coin that an address has set aside as its deposit, base units. Throws `ChainUnreachable`. */
  deposit(address: string): Promise<bigint>;
}

/** `unknown`: ask again with the same key hash; the registry answers with the same address. */
export type KeyRegistryOutcome =
  { kind: 'registered'; address: string } | { kind: 'refused'; text: string } | { kind: 'unknown'; cause: string };

/** Issues an address for a key. Only the hash of the public key is ever sent (paper IF_003, A41). */
export interface KeyRegistry {
  /** `keyHash`: 20 bytes. Never throws. */
  register(keyHash: Uint8Array): Promise<KeyRegistryOutcome>;
}
