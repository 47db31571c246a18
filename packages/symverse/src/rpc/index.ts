export {
  RPC_METHODS,
  decodeRpcParams,
  decodeRpcResult,
  encodeRpcHead,
  encodeRpcParams,
  encodeRpcResult,
  isRpcMethod,
  type RpcArguments,
  type RpcBalanceProof,
  type RpcBlock,
  type RpcCallObject,
  type RpcCitizen,
  type RpcCitizenBlock,
  type RpcCitizenState,
  type RpcContract,
  type RpcContractAccount,
  type RpcContractAccountProof,
  type RpcContractItem,
  type RpcHandlers,
  type RpcHead,
  type RpcMethod,
  type RpcParams,
  type RpcReceipt,
  type RpcResult,
  type RpcSctCall,
  type RpcSubscriptionMethod,
  type RpcTransaction,
  type RpcTransactionProof,
} from './schema.ts';
export { CONTRACT_INDEXES_MAX, CONTRACT_ITEMS_MAX } from './schema/sct.ts';
export { RpcShapeError, type BlockTag, type Json } from './codec.ts';
export {
  RPC_CODE,
  RPC_REFUSALS,
  refusal,
  refusalReason,
  RpcResponseError,
  RpcUnknownError,
  type RpcErrorObject,
  type RpcRefusal,
  type RpcUnknownKind,
} from './errors.ts';
export {
  RPC_CODE_SENTENCES,
  RPC_REFUSAL_SENTENCES,
  RPC_UNKNOWN_SENTENCES,
  rpcErrorSentence,
  type Sentence,
} from './error-sentences.ts';
export {
  readRpcAnswer,
  readRpcRequest,
  rpcRequestProblem,
  type RpcAnswer,
  type RpcId,
  type RpcRequest,
} from './envelope.ts';
export {
  createRpcClient,
  type RpcCall,
  type RpcClient,
  type RpcClientOptions,
  type RpcOutcome,
  type RpcTransport,
  type RpcTransportAnswer,
} from './client.ts';
export { httpTransport } from './http.ts';
