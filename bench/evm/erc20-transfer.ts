/** The ERC-20 transfer that stands beside an SCT20 transfer: the same people, keys, amounts and order. */
import { hexToBytes } from '@jigeum/std';
import { keyOf } from '../transfers/people.ts';
import { transferAt, type TransferPlan } from '../transfers/plan.ts';
import { AMOUNT_BASE, type SlotSigner } from '../transfers/sign.ts';
import { addressOf, encodeCall, signLegacy } from './legacy-transaction.ts';

/** Anvil's own. */
export const EVM_CHAIN_ID = 31_337n;
/** Above the base fee of a chain that begins with none. */
export const GAS_PRICE_WEI = 2_000_000_000n;
/** A transfer uses 35,000 to 52,000. */
const TRANSFER_GAS = 60_000n;

export const transferInput = (to: Uint8Array, amount: bigint): Uint8Array =>
  encodeCall('transfer(address,uint256)', to, amount);

/** Signs ERC-20 transfers. Keeps the people whom it has met. */
export function erc20Signer(plan: TransferPlan, contract: `0x${string}`): SlotSigner {
  const known = new Map<number, { key: Uint8Array; address: Uint8Array }>();
  const person = (index: number) => {
    const met = known.get(index) ?? { key: keyOf(index), address: addressOf(keyOf(index)) };
    known.set(index, met);
    return met;
  };
  const to = hexToBytes(contract.slice(2));
  return (list, slot) => {
    const { from, to: payee, nonce } = transferAt(plan, list, slot);
    const input = transferInput(person(payee).address, AMOUNT_BASE);
    const transaction = { nonce, gasPriceWei: GAS_PRICE_WEI, gas: TRANSFER_GAS, to, valueWei: 0n, input };
    return signLegacy(transaction, EVM_CHAIN_ID, person(from).key);
  };
}
