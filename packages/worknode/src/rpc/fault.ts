/** An answer that is an error: handlers throw it, the dispatcher writes it. */
import type { RpcErrorObject } from '@jigeum/symverse/rpc';

/** Thrown by a handler to answer with this error. */
export class RpcFault extends Error {
  override readonly name = 'RpcFault';
  readonly error: RpcErrorObject;
  constructor(error: RpcErrorObject) {
    super(error.message);
    this.error = error;
  }
}
