/** Contracts and items as the RPC schema shows them. Only the word "active" is published; the words for other states are ours. */
import type { RpcContract, RpcContractItem } from '@jigeum/symverse/rpc';
import type { ContractState } from '../state/contract-row.ts';
import type { ItemState, ItemStatus } from '../state/item-row.ts';

/** The word and code of a state. */
export const contractStateView = (
  state: 'active' | 'paused' | 'locked',
): { readonly state: string; readonly stateCode: bigint } => ({ state, stateCode: state === 'active' ? 0n : 1n });

/** A contract, with the fields of the paper's Fig. 19. */
export function contractView(contract: ContractState): RpcContract {
  const { creator, owner, name, symbol, total, isPaused, template } = contract;
  return {
    creator,
    owner,
    name,
    symbol,
    total,
    type: template,
    ...contractStateView(isPaused ? 'paused' : 'active'),
    ...(template === 'sct21' && { lock: contract.lock }),
    ...(template === 'sct40' && { cpoint: contract.cpoint }),
  };
}

/** Documented: 0 active, 1 locked. */
const STATE_CODES: Readonly<Record<ItemStatus, bigint>> = { active: 0n, paused: 1n, used: 2n };

/** An item, with the names that its template has for its fields. */
export function itemView(
  kind: 'item' | 'coupon',
  { index, item }: { readonly index: bigint; readonly item: ItemState },
): RpcContractItem {
  const { owner, name, type, value, category, property, description } = item;
  const common = { index, name, type, owner, state: STATE_CODES[item.status] };
  return kind === 'item'
    ? { ...common, value, category, property, description }
    : { ...common, usepoint: value, groupNo: category, couponNo: property, etc: description };
}
