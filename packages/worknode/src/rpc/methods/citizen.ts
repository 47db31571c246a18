/** `citizen_*`: who a SymID is, and the records of CAs. */
import { fromHex0x } from '@jigeum/std';
import { encodeCitizenState, type SymId } from '@jigeum/symverse';
import { RPC_CODE, type BlockTag } from '@jigeum/symverse/rpc';
import { counter } from '../../numbers.ts';
import type { StoredCitizenBlock } from '../../storage/storage.ts';
import { RpcFault } from '../fault.ts';
import { notThere, olderState, type HandlersOf, type Reads } from '../reads.ts';
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
  const blockAt = (tag: BlockTag): StoredCitizenBlock | undefined => storage.citizenBlock(numberOf(tag));
  const blockOfHash = (hash: string): StoredCitizenBlock | undefined => {
    const number = storage.citizenBlockNumber(fromHex0x(hash));
    return number === undefined ? undefined : storage.citizenBlock(number);
  };
  const entryOf = (symId: SymId, tag: BlockTag) => {
    const number = numberOf(tag);
    if (number === chain.citizenHead().number) return state.get('citizen', symId);
    if (number < 0) throw notThere(tag, `citizen block ${chain.citizenHead().number}`);
    return olderState(chain, { chain: 'citizen', block: number }).get('citizen', symId);
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
      const block = found && storage.citizenBlock(found.block);
      return found === undefined || block === undefined ? null : citizenView(found, block.hash);
    },
    citizen_getRawCitizenByHash: (hash) => storage.citizen(fromHex0x(hash))?.row.raw ?? null,
    citizen_getCitizensByBlockNumber(tag) {
      const block = blockAt(tag);
      return block === undefined ? null : citizensOf(block);
    },
    citizen_getBlockByHash: (hash, isFull) => citizenBlockView(blockOfHash(hash), isFull),
    citizen_getBlockByNumber: (tag, isFull) => citizenBlockView(blockAt(tag), isFull),
    citizen_getBlockCitizenCountByHash: (hash) => countOf(blockOfHash(hash)),
    citizen_getBlockCitizenCountByNumber: (tag) => countOf(blockAt(tag)),
    citizen_pendingCitizens: () => [],
    citizen_getSymIDByUserID: () => null,
    citizen_getCitizenCount(tag) {
      const { number } = chain.citizenHead();
      if (numberOf(tag) === number) return BigInt(chain.citizenCount());
      throw new RpcFault({
        code: RPC_CODE.serverError,
        message: `the count is not available: expected "latest" or the newest citizen block ${number}, got ${typeof tag === 'bigint' ? `block ${tag}` : `block "${tag}"`}; this node counts the citizens of now only`,
      });
    },
    citizen_sendRawCitizen(raw) {
      const outcome = node.submitCitizen(raw);
      if (outcome.kind === 'recorded') return outcome.hash;
      throw new RpcFault({ code: RPC_CODE.serverError, message: outcome.text });
    },
  };
}

const countOf = (block: StoredCitizenBlock | undefined): bigint | null =>
  block === undefined ? null : BigInt(block.citizens.length);
