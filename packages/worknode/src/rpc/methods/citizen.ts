/** `citizen_*`: who a SymID is, and the records of CAs. */
import { fromHex0x } from '@jigeum/std';
import { decodeCitizen, encodeCitizenState, type SymId } from '@jigeum/symverse';
import { RPC_CODE, type BlockTag } from '@jigeum/symverse/rpc';
import { counter } from '../../numbers.ts';
import { ANSWER_CHARACTERS_MAX } from '../dispatch.ts';
import { RpcFault } from '../fault.ts';
import { notThere, OLDER_ROWS_MAX, olderState, type HandlersOf, type Reads } from '../reads.ts';
import { citizenBlockView, citizensOf, citizenStateView, citizenView } from '../views.ts';

/**
 * Handlers over a node. Block tags count blocks of the citizen chain. A record is in effect with its own block, at once:
 * nothing is ever pending. User ids are of SymID 2.0, which this chain does not have.
 */
export function citizenHandlers({ node }: Reads): HandlersOf<'citizen'> {
  const { chain } = node;
  const { storage, state } = chain;
  const numberOf = (tag: BlockTag): number => {
    if (tag === 'earliest') return 0;
    const { number } = chain.citizenHead();
    return typeof tag === 'string' ? number : tag > BigInt(number) ? -1 : counter(tag);
  };
  const numberOfHash = (hash: string): number => storage.citizenBlockNumber(fromHex0x(hash)) ?? -1;
  /** Reads a block only where its answer can fit. */
  const blockView = (number: number, isFull: boolean) => {
    requireRoom(storage.recordCount(number) ?? 0, isFull);
    return citizenBlockView(storage.citizenBlock(number), isFull);
  };
  const countOf = (number: number): bigint | null => {
    const count = storage.recordCount(number);
    return count === undefined ? null : BigInt(count);
  };
  const entryOf = (symId: SymId, tag: BlockTag) => {
    const number = numberOf(tag);
    if (number === chain.citizenHead().number) return state.get('citizen', symId);
    if (number < 0) throw notThere(tag, `citizen block ${chain.citizenHead().number}`);
    return olderState(chain, { chain: 'citizen', block: number }).get('citizen', symId);
  };
  /** How many SymIDs have their first record after this block. */
  const countNewSince = (number: number): number => {
    const then = olderState(chain, { chain: 'citizen', block: number });
    const named = new Set<SymId>();
    for (let later = number + 1; later <= chain.citizenHead().number; later++)
      for (const { raw } of storage.citizenBlock(later)!.citizens) named.add(decodeCitizen(raw).symId);
    return [...named].filter((symId) => then.get('citizen', symId) === undefined).length;
  };
  return {
    citizen_blockNumber: () => BigInt(chain.citizenHead().number),
    citizen_getCitizenBySymID(symId, tag) {
      const entry = entryOf(symId, tag);
      return entry === undefined ? null : citizenStateView(entry);
    },
    citizen_getRawCitizenBySymID(symId, tag) {
      const entry = entryOf(symId, tag);
      return entry === undefined ? null : encodeCitizenState({ ...entry, aKeyPubH: entry.keyHash });
    },
    citizen_getCitizenByHash(hash) {
      const found = storage.citizen(fromHex0x(hash));
      const head = found && storage.citizenBlockHead(found.block);
      return found === undefined || head === undefined ? null : citizenView(found, head.hash);
    },
    citizen_getRawCitizenByHash: (hash) => storage.citizen(fromHex0x(hash))?.row.raw ?? null,
    citizen_getCitizensByBlockNumber(tag) {
      const number = numberOf(tag);
      requireRoom(storage.recordCount(number) ?? 0, true);
      const block = storage.citizenBlock(number);
      return block === undefined ? null : citizensOf(block);
    },
    citizen_getBlockByHash: (hash, isFull) => blockView(numberOfHash(hash), isFull),
    citizen_getBlockByNumber: (tag, isFull) => blockView(numberOf(tag), isFull),
    citizen_getBlockCitizenCountByHash: (hash) => countOf(numberOfHash(hash)),
    citizen_getBlockCitizenCountByNumber: (tag) => countOf(numberOf(tag)),
    citizen_pendingCitizens: () => [],
    citizen_getSymIDByUserID: () => null,
    citizen_getCitizenCount(tag) {
      const number = numberOf(tag);
      const newest = chain.citizenHead().number;
      if (number < 0) throw notThere(tag, `citizen block ${newest}`);
      if (number === newest) return BigInt(chain.citizenCount());
      // Of the genesis every record is a citizen of its own.
      if (number === 0) return countOf(0)!;
      const from = newest - OLDER_ROWS_MAX;
      if (number >= from) return BigInt(chain.citizenCount() - countNewSince(number));
      throw new RpcFault({
        code: RPC_CODE.serverError,
        message: `the count is not available: expected "earliest", or a citizen block from ${from} to ${newest}, got block ${tag}`,
      });
    },
    citizen_sendRawCitizen(raw) {
      const outcome = node.submitCitizen(raw);
      if (outcome.kind === 'recorded') return outcome.hash;
      throw new RpcFault({ code: RPC_CODE.serverError, message: outcome.text });
    },
  };
}

/** Characters of a record in an answer whose numbers are all zero, and of a hash, each with the comma behind it. */
export const CITIZEN_CHARACTERS_MIN = 515;
const HASH_CHARACTERS = 69;

/** Stops before a block is read and decoded whose answer is too long whatever its records say. */
function requireRoom(count: number, isFull: boolean): void {
  const each = isFull ? CITIZEN_CHARACTERS_MIN : HASH_CHARACTERS;
  if (count * each <= ANSWER_CHARACTERS_MAX) return;
  throw new RpcFault({
    code: RPC_CODE.resultTooLarge,
    message: `response too large: expected at most ${ANSWER_CHARACTERS_MAX} characters, got ${count} ${isFull ? 'records' : 'hashes'} of at least ${each}; ask for ${isFull ? "the block's hashes, and for " : ''}single records by citizen_getCitizenByHash`,
  });
}
