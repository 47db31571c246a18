/** `citizen_*`: who a SymID is, and the records of CAs. */
import { fromHex0x } from '@jigeum/std';
import { encodeCitizenState } from '@jigeum/symverse';
import { RPC_CODE } from '@jigeum/symverse/rpc';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';
import { citizenStateView, citizenView } from '../views.ts';

/**
 * Handlers over a node. The newest record is in effect whatever main block is asked for: the tag counts blocks of the citizen
 * chain, of which the newest is kept.
 */
export function citizenHandlers({ node }: Reads): HandlersOf<'citizen'> {
  const { chain } = node;
  const { storage, state } = chain;
  return {
    citizen_blockNumber: () => BigInt(chain.citizenHead().number),
    citizen_getCitizenBySymID(symId) {
      const entry = state.get('citizen', symId);
      return entry === undefined ? null : citizenStateView(entry);
    },
    citizen_getRawCitizenBySymID(symId) {
      const entry = state.get('citizen', symId);
      return entry === undefined ? null : encodeCitizenState({ ...entry, aKeyPubH: entry.keyHash });
    },
    citizen_getCitizenByHash(hash) {
      const found = storage.citizen(fromHex0x(hash));
      const block = found && storage.citizenBlock(found.block);
      return found === undefined || block === undefined ? null : citizenView(found, block.hash);
    },
    citizen_getCitizenCount: () => BigInt(chain.citizenCount()),
    citizen_sendRawCitizen(raw) {
      const outcome = node.submitCitizen(raw);
      if (outcome.kind === 'recorded') return outcome.hash;
      throw new RpcFault({ code: RPC_CODE.serverError, message: outcome.text });
    },
  };
}
