/** A chain whose transfers are measured: what the case asks of the work node and of the node that it is compared with. */

/** One block, as its receipts tell. */
export interface BlockFacts {
  readonly number: number;
  /** Unix seconds. */
  readonly atSeconds: number;
  /** Transactions whose receipt says that they did what they should. */
  readonly succeeded: number;
  readonly failed: number;
}

export interface ChainUnderTest {
  readonly name: string;
  readonly origin: string;
  readonly path: string;
  /** The JSON-RPC method that takes signed transactions. */
  readonly sendMethod: string;
  readonly pid: number;
  headNumber(): Promise<number>;
  /** Resolves when no transaction waits any more that can come into a block. */
  untilAllIncluded(): Promise<void>;
  /** The blocks after the one of this number, all of them or the first few. */
  blocksAfter(number: number, countMax?: number): Promise<readonly BlockFacts[]>;
  stop(): Promise<void>;
}
