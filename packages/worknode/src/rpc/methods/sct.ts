/** `sct_*`: contracts of the built-in templates. Nothing is read but what the answer shows. */
import type { SymId } from '@jigeum/symverse';
import {
  CONTRACT_INDEXES_MAX,
  CONTRACT_ITEMS_MAX,
  RPC_CODE,
  type BlockTag,
  type RpcContractAccount,
  type RpcContractItem,
} from '@jigeum/symverse/rpc';
import { allowanceOf, holdingOf } from '../../sct/holdings.ts';
import { indexesIn, indexesOf, itemOf } from '../../sct/items.ts';
import { lockOf } from '../../sct/sct21.ts';
import type { ContractState } from '../../state/contract-row.ts';
import type { StateReader } from '../../state/state.ts';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';
import { contractStateView, contractView, itemView } from '../views-sct.ts';

/** Handlers over a node. */
export function sctHandlers({ stateAt }: Reads): HandlersOf<'sct'> {
  /** The answer about a contract at a block; null where there is none. */
  const within = <T>(
    address: SymId,
    tag: BlockTag,
    answer: (contract: ContractState, state: StateReader) => T,
  ): T | null => {
    const state = stateAt(tag);
    const contract = state.get('contract', address);
    return contract === undefined ? null : answer(contract, state);
  };
  /** There are no vote contracts and polls here: `sct/run-call.ts` says why. */
  const noVotes = (): null => null;

  return {
    sct_getContract: (address, tag) => within(address, tag, contractView),
    sct_getContractAccount: (address, symId, tag) =>
      within(address, tag, (contract, state) => accountIn(state, { address, contract, symId })),
    sct_getAllowance: (address, owner, spender, tag) =>
      within(address, tag, (contract, state) => {
        if (!hasItems(contract)) return { balance: allowanceOf(state, address, owner, spender) };
        const owned = atMost(CONTRACT_INDEXES_MAX, 'items of the owner', indexesOf(state, address, owner));
        return { index: owned.filter((index) => itemOf(state, address, index)?.spender === spender) };
      }),
    sct_getContractItem: (address, index, tag) =>
      within(address, tag, (contract, state) => itemAt(state, { address, contract, index })),
    sct_getContractItemsByCategory: (address, category, tag) =>
      within(address, tag, (contract, state) => {
        const indexes = atMost(CONTRACT_ITEMS_MAX, 'items in the category', indexesIn(state, address, category));
        return itemsAt(state, { address, contract, indexes });
      }),
    sct_getVoteContract: noVotes,
    sct_getPollContract: noVotes,
    sct_getVoteResult: noVotes,
    sct_getVotingPaper: noVotes,
  };
}

interface At {
  readonly address: SymId;
  readonly contract: ContractState;
}

const hasItems = ({ template }: ContractState): boolean => template === 'sct30' || template === 'sct40';

function accountIn(state: StateReader, { address, contract, symId }: At & { symId: SymId }): RpcContractAccount {
  if (hasItems(contract)) {
    const owned = atMost(CONTRACT_INDEXES_MAX, 'items of the owner', indexesOf(state, address, symId));
    return { index: owned.toSorted((left, right) => (left < right ? -1 : 1)) };
  }
  const balance = holdingOf(state, address, symId);
  if (contract.template !== 'sct21') return { balance };
  const { amount, isAccountLocked } = lockOf(state, address, symId);
  return { balance, lockBalance: amount, ...contractStateView(isAccountLocked ? 'locked' : 'active') };
}

function itemAt(state: StateReader, { address, contract, index }: At & { index: bigint }): RpcContractItem | null {
  const item = itemOf(state, address, index);
  return item === undefined ? null : itemView(contract.template === 'sct40' ? 'coupon' : 'item', { index, item });
}

/** Texts of the items in one answer at most: an answer has room for them even where each character is escaped as two. */
const TEXT_CHARACTERS_MAX = 4 * 1024 * 1024;

/** Items with their texts. Stops before it has read more than an answer can hold. */
function itemsAt(
  state: StateReader,
  { address, contract, indexes }: At & { indexes: readonly bigint[] },
): RpcContractItem[] {
  let characters = 0;
  return indexes.flatMap((index) => {
    const item = itemAt(state, { address, contract, index });
    for (const field of Object.values(item ?? {})) if (typeof field === 'string') characters += field.length;
    if (characters > TEXT_CHARACTERS_MAX) throw tooMany(`${TEXT_CHARACTERS_MAX} characters of text in the category`);
    return item ?? [];
  });
}

/** All of a series. Refuses one of more than `max`, as geth's family refuses results that are too many to send. */
function atMost(max: number, what: string, series: Iterable<bigint>): bigint[] {
  const found: bigint[] = [];
  for (const index of series) {
    if (found.length === max) throw tooMany(`${max} ${what}`);
    found.push(index);
  }
  return found;
}

const tooMany = (bound: string): RpcFault =>
  new RpcFault({
    code: RPC_CODE.serverError,
    message: `query returned too many results: expected at most ${bound}, got more; ask for single items by index`,
  });
