/** What the platform wants done, as a Symverse transaction: destination, value, input and the exact gas. */
import type { ContractCall, UnsignedIntent } from '@jigeum/chain';
import { fromHex0x } from '@jigeum/std';
import {
  decodeTransaction,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  gasFeeHug,
  parseSymId,
  TRANSACTION_TYPE,
  type Sct20Call,
  type SymId,
  type UnsignedTransaction,
} from '@jigeum/symverse';

type Body = Pick<UnsignedTransaction, 'to' | 'value' | 'input' | 'type' | 'gas' | 'gasPrice'>;

/** The part of a transaction that the intent decides. `gas` is exactly what a success uses. */
export function bodyOf(intent: UnsignedIntent): Body {
  const shape = shapeOf(intent);
  return { ...shape, gas: estimateGas(shape), gasPrice: GAS_PRICE_HUG };
}

function shapeOf(intent: UnsignedIntent): Omit<Body, 'gas' | 'gasPrice'> {
  if (intent.kind === 'native')
    return {
      to: parseSymId(intent.to),
      value: intent.amount,
      input: new Uint8Array(0),
      type: TRANSACTION_TYPE.general,
    };
  if (intent.kind === 'note')
    return { to: parseSymId(intent.to), value: 0n, input: intent.data, type: TRANSACTION_TYPE.general };
  return {
    to: intent.kind === 'create' ? null : parseSymId(intent.contract),
    value: 0n,
    input: encodeSct20(callOf(intent)),
    type: TRANSACTION_TYPE.sct,
  };
}

/** The bytes of a note, or null. A note moves nothing, has bytes and goes to its sender. */
export function noteOf(raw: string): Uint8Array | null {
  const { type, from, to, value, input } = decodeTransaction(fromHex0x(raw));
  const isNote = type === TRANSACTION_TYPE.general && from === to && value === 0n && input.length > 0;
  return isNote ? input : null;
}

/** The fee in hug of an intent: gas of its exact bytes at the network's fixed price. */
export const feeHugOf = (intent: UnsignedIntent): bigint => gasFeeHug(bodyOf(intent).gas);

function callOf(intent: ContractCall): Sct20Call {
  const symId = (text: string): SymId => parseSymId(text);
  switch (intent.kind) {
    case 'create':
      return {
        method: 'create',
        name: intent.name,
        symbol: intent.symbol,
        amount: intent.supply,
        owner: symId(intent.owner),
      };
    case 'transfer':
      return { method: 'transfer', to: symId(intent.to), amount: intent.amount };
    case 'mint':
      return { method: 'mint', to: symId(intent.to), amount: intent.amount };
    case 'burn':
      return { method: 'burn', from: symId(intent.from), amount: intent.amount };
    case 'pause':
      return { method: 'pause' };
    case 'unpause':
      return { method: 'unpause' };
  }
}
