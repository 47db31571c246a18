/** The first block's content: who exists, who issues SymIDs, who seals, and what coins there are. Every later state follows from it. */
import { bytesToHex, hexToBytes } from '@jigeum/std';
import { makeSymId, SYMID_SEQ_FIRST, type ContractAddressRule, type SymId } from '@jigeum/symverse';
import {
  GenesisError,
  optionalInteger,
  parseJson,
  readAmount,
  readKeyHash,
  readObject,
  readSymId,
} from './genesis-fields.ts';
import type { StoredGenesis } from './storage/storage.ts';
import { readTokens, tokensJson, type GenesisToken } from './genesis-tokens.ts';

/** A SymID and the key that may sign for it. */
export interface GenesisCitizen {
  readonly symId: SymId;
  /** 20 bytes. */
  readonly keyHash: Uint8Array;
}

/** What a running chain goes by. */
export interface ChainRules {
  /** Signed into every transaction. 1 or more; 1, 2 and 3 are those of public networks. */
  readonly chainId: bigint;
  /** Unix seconds: the time of block 0. */
  readonly timestamp: number;
  /** The authority whose records bind SymIDs to keys. */
  readonly ca: GenesisCitizen;
  /** The node that seals blocks and receives fees. */
  readonly sealer: GenesisCitizen;
  readonly contractAddressRule: ContractAddressRule;
}

/** The rules, and who and what there is in the first state. */
export interface Genesis extends ChainRules {
  readonly citizens: readonly GenesisCitizen[];
  /** Coins in hug. */
  readonly allocations: ReadonlyMap<SymId, bigint>;
  readonly tokens: readonly GenesisToken[];
}

/** The rules alone: the lists of a genesis are in the first state, and may be as long as the chain has people. */
const rulesOf = ({ chainId, timestamp, ca, sealer, contractAddressRule }: Genesis): ChainRules => ({
  chainId,
  timestamp,
  ca,
  sealer,
  contractAddressRule,
});

/** What a genesis file says; the keys of CA and sealer may be left to the data folder. */
export interface GenesisFile {
  readonly chainId: bigint | undefined;
  readonly timestamp: number | undefined;
  readonly caId: number | undefined;
  readonly caKeyHash: Uint8Array | undefined;
  readonly sealerKeyHash: Uint8Array | undefined;
  readonly citizens: readonly GenesisCitizen[];
  readonly allocations: ReadonlyMap<SymId, bigint>;
  readonly tokens: readonly GenesisToken[];
  readonly contractAddressRule: ContractAddressRule;
}

const CITIZENS_MAX = 100_000;
const CA_RANDOM = hexToBytes('000000000001');

/** The SymID under which a CA writes its records: random part 1 stands for the CA itself. */
export const caSymId = (caId: number): SymId => makeSymId({ caId, random: CA_RANDOM, seq: SYMID_SEQ_FIRST });

/** The SymID of the node's sealer: the second SymID of the CA's own citizen. */
export const sealerSymId = (caId: number): SymId => makeSymId({ caId, random: CA_RANDOM, seq: SYMID_SEQ_FIRST + 1 });

/**
 * Reads a genesis file:
 *
 *   { "chainId": 7777, "timestamp": 1767225600, "caId": 2,
 *     "citizens": [{ "symId": "0x00035b875ec2c5410002", "keyHash": "0x…40 digits" }],
 *     "allocations": { "0x00035b875ec2c5410002": "1000000000000000000000" },
 *     "tokens": [{ "template": "sct20", "creator": "0x00035b875ec2c5410002", "owner": "0x00035b875ec2c5410002",
 *                  "name": "eSportsToken", "symbol": "EST", "supply": "10000000000000000000000000000" }],
 *     "contractAddressRule": "current" }
 *
 * All fields but `citizens` may be missing; `caKeyHash` and `sealerKeyHash` stand in a completed file. Refuses unknown fields.
 */
export function parseGenesisFile(text: string): GenesisFile {
  const file = readObject('the genesis', parseJson(text));
  const known = new Set([
    'chainId',
    'timestamp',
    'caId',
    'caKeyHash',
    'sealerKeyHash',
    'citizens',
    'allocations',
    'tokens',
    'contractAddressRule',
  ]);
  const unknown = Object.keys(file).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new GenesisError(
      `The genesis has the unknown field ${JSON.stringify(unknown)}. Known: ${[...known].join(', ')}.`,
    );

  const chainId = optionalInteger('chainId', file['chainId'], 1, Number.MAX_SAFE_INTEGER);
  const rule = file['contractAddressRule'] ?? 'current';
  if (rule !== 'current' && rule !== 'old') {
    throw new GenesisError(
      `Expected contractAddressRule "current" or "old" in the genesis, got ${JSON.stringify(rule)}.`,
    );
  }
  return {
    chainId: chainId === undefined ? undefined : BigInt(chainId),
    timestamp: optionalInteger('timestamp', file['timestamp'], 0, 0xffff_ffff),
    caId: optionalInteger('caId', file['caId'], 1, 0x1400),
    caKeyHash: file['caKeyHash'] === undefined ? undefined : readKeyHash('caKeyHash', file['caKeyHash']),
    sealerKeyHash:
      file['sealerKeyHash'] === undefined ? undefined : readKeyHash('sealerKeyHash', file['sealerKeyHash']),
    citizens: readCitizens(file['citizens']),
    allocations: readAllocations(file['allocations'] ?? {}),
    tokens: readTokens(file['tokens'] ?? []),
    contractAddressRule: rule,
  };
}

/** The genesis of a file; what it leaves open comes from the second argument. Refuses two citizens of one SymID or key, and coins or tokens of nobody. */
export function completeGenesis(
  file: GenesisFile,
  open: {
    readonly chainId: bigint;
    readonly caId: number;
    readonly timestamp: number;
    readonly caKeyHash: Uint8Array;
    readonly sealerKeyHash: Uint8Array;
  },
): Genesis {
  const caId = file.caId ?? open.caId;
  const genesis: Genesis = {
    chainId: file.chainId ?? open.chainId,
    timestamp: file.timestamp ?? open.timestamp,
    ca: { symId: caSymId(caId), keyHash: file.caKeyHash ?? open.caKeyHash },
    sealer: { symId: sealerSymId(caId), keyHash: file.sealerKeyHash ?? open.sealerKeyHash },
    citizens: file.citizens,
    allocations: file.allocations,
    tokens: file.tokens,
    contractAddressRule: file.contractAddressRule,
  };
  requireConsistent(genesis);
  return genesis;
}

/** The one text of a genesis: what storage keeps, and what two starts of one chain are compared by. Readable by `parseGenesisFile`. */
export function genesisText(genesis: Genesis): string {
  const { ca, sealer, citizens, allocations, tokens } = genesis;
  return JSON.stringify({
    chainId: counterOf(genesis.chainId),
    timestamp: genesis.timestamp,
    caId: Number.parseInt(ca.symId.slice(2, 6), 16),
    caKeyHash: `0x${bytesToHex(ca.keyHash)}`,
    sealerKeyHash: `0x${bytesToHex(sealer.keyHash)}`,
    citizens: citizens.map(({ symId, keyHash }) => ({ symId, keyHash: `0x${bytesToHex(keyHash)}` })),
    allocations: Object.fromEntries([...allocations].map(([symId, hug]) => [symId, hug.toString()])),
    // Not written where there are none: the text of such a genesis is then what it was before there could be tokens.
    ...(tokens.length > 0 && { tokens: tokensJson(tokens) }),
    contractAddressRule: genesis.contractAddressRule,
  });
}

/** The genesis of a text that `genesisText` has written. Throws `GenesisError` for any other. */
export function parseGenesisText(text: string): Genesis {
  const file = parseGenesisFile(text);
  const { chainId, caId, timestamp, caKeyHash, sealerKeyHash } = file;
  if (
    chainId !== undefined &&
    caId !== undefined &&
    timestamp !== undefined &&
    caKeyHash !== undefined &&
    sealerKeyHash !== undefined
  ) {
    const genesis = completeGenesis(file, { chainId, caId, timestamp, caKeyHash, sealerKeyHash });
    if (genesisText(genesis) === text) return genesis;
  }
  throw new GenesisError('Expected the genesis as a chain keeps it, complete and in its one order; got another text.');
}

/** What a storage keeps of a genesis. */
export const storedGenesis = (genesis: Genesis): StoredGenesis => ({
  text: genesisText(genesis),
  rules: genesisText({ ...genesis, citizens: [], allocations: new Map(), tokens: [] }),
});

/** The rules of a chain in their stored text. Throws a `GenesisError` for any other. */
export const parseRules = (text: string): ChainRules => rulesOf(parseGenesisText(text));

function requireConsistent({ ca, sealer, citizens, allocations, tokens }: Genesis): void {
  const symIds = new Set<string>();
  const keys = new Set<string>();
  for (const { symId, keyHash } of [ca, sealer, ...citizens]) {
    const key = bytesToHex(keyHash);
    if (symIds.has(symId))
      throw new GenesisError(`Expected each SymID once in the genesis, got ${symId} twice (CA and sealer count).`);
    if (keys.has(key)) throw new GenesisError(`Expected each key hash once in the genesis, got 0x${key} twice.`);
    symIds.add(symId);
    keys.add(key);
  }
  for (const symId of allocations.keys()) {
    if (!symIds.has(symId))
      throw new GenesisError(`Expected allocations to citizens of the genesis, got one to ${symId}.`);
  }
  const total = [...allocations.values()].reduce((sum, hug) => sum + hug, 0n);
  // They may all come to one SymID one day, and no balance has more than 256 bits.
  if (total >= 1n << 256n)
    throw new GenesisError(`Expected allocations of less than 2^256 hug together in the genesis, got ${total}.`);
  for (const [index, { creator, owner }] of tokens.entries()) {
    const nobody = [creator, owner].find((symId) => !symIds.has(symId));
    if (nobody !== undefined)
      throw new GenesisError(
        `Expected creator and owner of tokens[${index}] among the citizens of the genesis, got ${nobody}.`,
      );
  }
}

const counterOf = (value: bigint): number => Number.parseInt(value.toString(), 10);

function readCitizens(value: unknown): GenesisCitizen[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > CITIZENS_MAX) {
    throw new GenesisError(`Expected citizens of the genesis to be a list of at most ${CITIZENS_MAX}.`);
  }
  return value.map((item, index) => {
    const row = readObject(`citizens[${index}]`, item);
    return {
      symId: readSymId(`citizens[${index}].symId`, row['symId']),
      keyHash: readKeyHash(`citizens[${index}].keyHash`, row['keyHash']),
    };
  });
}

function readAllocations(value: unknown): Map<SymId, bigint> {
  const entries = Object.entries(readObject('allocations', value));
  return new Map(
    entries.map(([symId, amount]) => {
      return [readSymId('allocations', symId), readAmount(`the allocation of ${symId}`, 'hug', amount)];
    }),
  );
}
