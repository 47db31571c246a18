/**
 * Where a row of the chain's state stands in its trie. Ours: what gsym's state tries hold is not published.
 *
 *   path = SHA3-256(table number, one byte ‖ the names that make the row's key, ten bytes each)
 *
 * Hashing the key keeps the trie flat whoever chooses the names. docs/protocol/tries.md lists all tables.
 */
import { concatBytes } from '@jigeum/std';
import { sha3_256, type Sha3 } from './hash.ts';
import { symIdToBytes, type SymId } from './symid.ts';

/**
 * Numbers of the tables that are proven to third parties. `account` is under the main header's `stateRoot`, `contract` and
 * `holding` under its `sctRoot`, `citizen` under the `stateRoot` of a citizen block's header.
 */
export const PROVEN_TABLE = { account: 0, contract: 1, holding: 2, citizen: 4 } as const;

/** The path of a row: an account's and a citizen's by the SymID, a contract's by its address, a holding's by contract and holder. */
export const statePath = (
  table: keyof typeof PROVEN_TABLE,
  names: readonly SymId[],
  sha3: Sha3 = sha3_256,
): Uint8Array => sha3(concatBytes(Uint8Array.of(PROVEN_TABLE[table]), ...names.map(symIdToBytes)));
