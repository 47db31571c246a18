/** What the errors of a node mean to a person, in English and Korean. The sentences are ours; each says first what became of the money. */
import { RPC_CODE, refusalReason, type RpcErrorObject, type RpcRefusal, type RpcUnknownKind } from './errors.ts';

/** One meaning in both languages. */
export interface Sentence {
  readonly en: string;
  readonly ko: string;
}

/** Why a transaction was refused. A refused transaction has moved nothing, except that one which is known already may yet. */
export const RPC_REFUSAL_SENTENCES: Readonly<Record<RpcRefusal, Sentence>> = {
  'already-known': {
    en: 'The node has this transaction already. It is executed once, however often it is sent.',
    ko: '노드가 이미 받은 트랜잭션이에요. 여러 번 보내도 한 번만 실행돼요.',
  },
  'nonce-too-low': {
    en: 'Nothing was sent: a transaction with this number was executed before. Ask for the next number.',
    ko: '보내지 않았어요. 이 번호의 트랜잭션은 이미 처리됐어요. 다음 번호를 확인해 주세요.',
  },
  'nonce-too-high': {
    en: 'Nothing was sent: too many numbers are left out before this transaction. Send those before it first.',
    ko: '보내지 않았어요. 앞 번호가 너무 많이 비어 있어요. 앞의 트랜잭션을 먼저 보내 주세요.',
  },
  'replacement-underpriced': {
    en: 'Nothing was sent: another transaction with this number is waiting, and the fixed price of gas allows no replacement.',
    ko: '보내지 않았어요. 같은 번호의 트랜잭션이 기다리고 있고, 가스 가격이 고정이라 바꿀 수 없어요.',
  },
  'insufficient-funds': {
    en: 'Nothing was sent: the balance does not cover the amount and the fee.',
    ko: '보내지 않았어요. 잔액이 금액과 수수료보다 적어요.',
  },
  'gas-too-low': {
    en: 'Nothing was sent: the gas limit is below what the transaction costs in any case.',
    ko: '보내지 않았어요. 가스 한도가 트랜잭션의 기본 비용보다 적어요.',
  },
  'gas-over-block-limit': {
    en: 'Nothing was sent: the gas limit is more than a whole block may use.',
    ko: '보내지 않았어요. 가스 한도가 블록 하나의 한도보다 커요.',
  },
  'wrong-gas-price': {
    en: 'Nothing was sent: the price of gas differs from the fixed price of the network.',
    ko: '보내지 않았어요. 가스 가격이 네트워크의 고정 가격과 달라요.',
  },
  'invalid-sender': {
    en: 'Nothing was sent: the signature does not belong to the sender on this chain.',
    ko: '보내지 않았어요. 서명이 이 체인에 등록된 보내는 분의 키와 맞지 않아요.',
  },
  'too-large': {
    en: 'Nothing was sent: the transaction is larger than 32 KB.',
    ko: '보내지 않았어요. 트랜잭션이 32KB보다 커요.',
  },
  'pool-full': {
    en: 'Nothing was sent: too many transactions are waiting. Send the same one again in a moment.',
    ko: '보내지 않았어요. 기다리는 트랜잭션이 너무 많아요. 잠시 뒤에 같은 트랜잭션을 다시 보내 주세요.',
  },
  'deposit-bound': {
    en: 'Nothing was sent: who serves the network as warrant, CA or oracle cannot take the deposit back.',
    ko: '보내지 않았어요. 보증 노드, CA, 오라클로 일하는 동안에는 예치금을 되찾을 수 없어요.',
  },
  malformed: {
    en: 'Nothing was sent: the transaction is not written as the chain demands.',
    ko: '보내지 않았어요. 트랜잭션의 형식이 체인의 규칙과 달라요.',
  },
};

/** What a code says where no refusal is known. */
export const RPC_CODE_SENTENCES: Readonly<Record<keyof typeof RPC_CODE, Sentence>> = {
  parseError: {
    en: 'Nothing was done: the request was no JSON.',
    ko: '처리하지 않았어요. 요청이 JSON 형식이 아니에요.',
  },
  invalidRequest: {
    en: 'Nothing was done: the request was no JSON-RPC call.',
    ko: '처리하지 않았어요. 요청이 JSON-RPC 호출이 아니에요.',
  },
  methodNotFound: {
    en: 'Nothing was done: the node does not offer this method.',
    ko: '처리하지 않았어요. 노드가 제공하지 않는 메서드예요.',
  },
  invalidParams: {
    en: 'Nothing was done: a parameter is missing or has a wrong form.',
    ko: '처리하지 않았어요. 매개변수가 빠졌거나 형식이 달라요.',
  },
  internalError: {
    en: 'We are checking: the node failed, and whether it has acted is unknown.',
    ko: '확인하고 있어요. 노드에 문제가 생겨 처리됐는지 아직 알 수 없어요.',
  },
  serverError: {
    en: 'The node said no, for a reason of its own.',
    ko: '노드가 거절했어요. 이유는 노드의 설명을 확인해 주세요.',
  },
  timedOut: {
    en: 'Nothing was done for this call: those before it took too long. Ask again.',
    ko: '처리하지 않았어요. 앞의 요청이 오래 걸렸어요. 다시 요청해 주세요.',
  },
  resultTooLarge: {
    en: 'The answer is too large. Ask for a part of it.',
    ko: '답이 너무 커요. 나누어 요청해 주세요.',
  },
};

/** What is to be said when no usable answer came: never that the call failed. */
export const RPC_UNKNOWN_SENTENCES: Readonly<Record<RpcUnknownKind, Sentence>> = {
  timeout: {
    en: 'We are checking: the node has not answered in time.',
    ko: '확인하고 있어요. 노드의 답이 늦어지고 있어요.',
  },
  connection: {
    en: 'We are checking: the connection to the node broke off.',
    ko: '확인하고 있어요. 노드와의 연결이 끊겼어요.',
  },
  garbage: {
    en: 'We are checking: the node has answered something that cannot be read.',
    ko: '확인하고 있어요. 노드의 답을 읽을 수 없어요.',
  },
};

/** The sentence for an error object: by its refusal, else by its code, else that of `serverError`. */
export function rpcErrorSentence(error: RpcErrorObject): Sentence {
  const reason = refusalReason(error);
  if (reason !== undefined) return RPC_REFUSAL_SENTENCES[reason];
  const names = Object.keys(RPC_CODE) as (keyof typeof RPC_CODE)[];
  return RPC_CODE_SENTENCES[names.find((name) => RPC_CODE[name] === error.code) ?? 'serverError'];
}
