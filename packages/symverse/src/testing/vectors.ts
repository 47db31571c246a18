/** Reads the published vectors in `vectors/` for this package's tests. Only tests import it. */
import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../../../vectors/', import.meta.url);

/** The text of a file in `vectors/`. */
export const readVectorText = (path: string): string => readFileSync(new URL(path, FOLDER), 'utf8');

/** The parsed JSON of a file in `vectors/`; the test states the shape that it relies on. */
export const readVectors = <T>(path: string): T => JSON.parse(readVectorText(path)) as T;

/** `0x` hex text. */
export type Hex = `0x${string}`;

/** One signed transaction of symjs 1.0.6. */
export interface TransactionVector {
  readonly name: string;
  readonly private_key: Hex;
  readonly input: {
    readonly from: Hex;
    readonly nonce: number;
    readonly gasPrice: number | Hex;
    readonly gasLimit: number;
    readonly to?: Hex;
    readonly value?: number | Hex;
    readonly input?: Hex;
    readonly type?: 0 | 1 | 2;
    readonly workNodes?: readonly Hex[];
    readonly extra?: string;
    readonly chainId: number;
  };
  readonly raw: Hex;
  readonly fields: readonly (Hex | readonly Hex[])[];
  readonly signing_rlp: Hex;
  readonly signing_hash_sha3_256: Hex;
  readonly v: number;
  readonly r: Hex;
  readonly s: Hex;
  readonly tx_hash_sha3_256_of_raw: Hex;
  readonly recovered_public_key: Hex;
  readonly recovered_public_key_hash: Hex;
}

/** The parts of `symverse.json` that this package is tested with. */
export interface SymverseVectors {
  readonly hash: readonly { readonly input_utf8?: string; readonly sha3_256?: Hex; readonly value?: Hex }[];
  readonly keys: readonly {
    readonly private_key?: Hex;
    readonly public_key_xy?: Hex;
    readonly public_key_x?: Hex;
    readonly public_key_y?: Hex;
    readonly public_key_hash: Hex;
  }[];
  readonly checksum_case: { readonly vectors: readonly { readonly lowercase: string; readonly checksummed: string }[] };
  readonly transactions: readonly TransactionVector[];
  readonly real_transactions: readonly {
    readonly name: string;
    readonly tx: Readonly<Record<'from' | 'nonce' | 'gasPrice' | 'gas' | 'to' | 'value' | 'r' | 's', Hex>> & {
      readonly workNodes: readonly Hex[];
    };
    readonly raw: Hex;
    readonly hash: Hex;
    readonly chainId: number;
    readonly signing_rlp: Hex;
    readonly signer_key_hash_on_chain: Hex;
    readonly recovered_public_key: Hex;
  }[];
  readonly doc_raw_hash_pairs: readonly {
    readonly kind: 'transaction' | 'citizen' | 'oracle';
    readonly raw: Hex;
    readonly hash: Hex;
  }[];
  readonly sym_tools_signing: {
    readonly chainId: number;
    readonly unsigned_rlp: Hex;
    readonly signing_hash: Hex;
    readonly raw: Hex;
    readonly recovered_public_key: Hex;
  };
  readonly php_raws: readonly { readonly raw: Hex; readonly chainId: number; readonly tx_hash: Hex }[];
  readonly sct_inputs: readonly {
    readonly call: string;
    readonly args: readonly unknown[];
    readonly type: number;
    readonly method: number;
    readonly input: Hex;
    readonly gas_sctGas: number;
    readonly gas_estimate_call?: number;
    readonly gas_estimate_create?: number;
  }[];
  readonly sct_inputs_other: readonly { readonly what: string; readonly input: Hex }[];
  readonly gas: {
    readonly article_totals_without_data: Readonly<Record<string, readonly [base: number, operation: number]>>;
    readonly worked: readonly {
      readonly call: string;
      readonly input: Hex;
      readonly zero: number;
      readonly nonzero: number;
      readonly sctGas: number;
      readonly total: number;
    }[];
  };
  readonly contract_addresses: readonly {
    readonly creator: Hex;
    readonly nonce: number;
    readonly era: 'old' | 'new';
    readonly address: Hex;
  }[];
  readonly citizens: {
    readonly field_order: readonly string[];
    readonly own_16_field: {
      readonly private_key: Hex;
      readonly chainId: number;
      readonly raw: Hex;
      readonly signing_rlp: Hex;
      readonly signing_hash: Hex;
      readonly hash: Hex;
    };
    readonly doc_json_hashes: readonly { readonly citizen: Readonly<Record<string, Hex>>; readonly hash: Hex }[];
    readonly state_rlp: { readonly raw: Hex; readonly order: readonly string[] };
  };
  readonly block_structures: {
    readonly citizen_block: Readonly<
      Record<'parentHash' | 'stateRoot' | 'relatedMbNum' | 'citizensRoot' | 'number' | 'extra' | 'hash' | 'size', Hex>
    > & { readonly header_order: readonly string[] };
    readonly trie: string;
    readonly oracle_block: {
      readonly header_order: readonly string[];
      readonly hash: Hex;
      readonly oraclesRoot: Hex;
      readonly size: Hex;
    };
    readonly warrant_hash: { readonly rlp: readonly string[] };
    readonly reward_hash: {
      readonly rlp: readonly string[];
      readonly symId: Hex;
      readonly value: string;
      readonly type: number;
      readonly extra: Hex;
      readonly hash: Hex;
    };
    readonly main_block: {
      readonly size_checks: readonly { readonly block: Hex; readonly size: Hex }[];
      readonly extraData: readonly { readonly hex: Hex; readonly means: string }[];
    };
  };
  readonly rpc_client_requests: {
    readonly clients: Readonly<
      Record<
        string,
        readonly {
          readonly client_call: string;
          readonly request?: { readonly method: string; readonly params: readonly unknown[] } | null;
        }[]
      >
    >;
  };
}

/** `vectors/symverse.json`. */
export const symverseVectors = (): SymverseVectors => readVectors('symverse.json');

/** Records and blocks that the public documents print in whole. */
export interface SymverseSamples {
  readonly signers: {
    readonly chainId: number;
    readonly ca: { readonly symId: Hex; readonly aKeyPubH: Hex };
    readonly oracle: { readonly aKeyPubH: Hex };
  };
  readonly citizens: readonly { readonly citizen: Readonly<Record<string, Hex>>; readonly hash: Hex }[];
  readonly raw_citizens: readonly { readonly raw: Hex; readonly hash: Hex }[];
  readonly citizen_states: readonly { readonly state: Readonly<Record<string, Hex>>; readonly note: string }[];
  readonly oracles: readonly {
    readonly oracle: Readonly<Record<'from' | 'to' | 'nonce' | 'data' | 'extra' | 'v' | 'r' | 's', Hex>>;
    readonly hash: Hex;
  }[];
  readonly citizen_block: Readonly<
    Record<'parentHash' | 'stateRoot' | 'relatedMbNum' | 'citizensRoot' | 'number' | 'hash' | 'size', Hex>
  > & { readonly citizens: readonly Hex[] };
  readonly oracle_block: Readonly<
    Record<'parentHash' | 'stateRoot' | 'relatedMbNum' | 'oraclesRoot' | 'number' | 'hash' | 'size', Hex>
  > & { readonly oracles: readonly Hex[] };
  readonly warrants: readonly {
    readonly warrant: Readonly<
      Record<'symId' | 'bKeyPub' | 'bKeyPubSigned' | 'group' | 'elected' | 'finished' | 'extraData', Hex>
    >;
    readonly hash: Hex;
  }[];
  readonly warrant_block: Readonly<
    Record<'parentHash' | 'relatedMbNum' | 'warrantsRoot' | 'number' | 'beginMbNum' | 'endMbNum' | 'hash' | 'size', Hex>
  >;
  readonly main_blocks: readonly {
    readonly hash: Hex;
    readonly size: Hex;
    readonly header: Readonly<Record<string, Hex>>;
    readonly validatorInfos: readonly Hex[];
    readonly signInfo: { readonly mbNum: Hex; readonly sign: Hex; readonly extraData: Hex };
  }[];
}

/** `vectors/symverse-samples.json`. */
export const symverseSamples = (): SymverseSamples => readVectors('symverse-samples.json');
