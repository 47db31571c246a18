/** The type of a transaction in a parameter. */
import { TRANSACTION_TYPE, type TransactionType } from '@jigeum/symverse';
import { RPC_CODE } from '@jigeum/symverse/rpc';
import { RpcFault } from '../fault.ts';

/** The type of a QUANTITY; refuses one that the node does not execute. */
export function transactionTypeOf(method: string, value: bigint): TransactionType {
  const type = Object.values(TRANSACTION_TYPE).find((known) => BigInt(known) === value);
  if (type !== undefined) return type;
  throw new RpcFault({
    code: RPC_CODE.invalidParams,
    message: `${method} parameter 1 (transaction).type: Expected 0, 1 or 2, got ${value}.`,
  });
}
