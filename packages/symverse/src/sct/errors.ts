/** Why an SCT call failed on the chain: the `errCode` of a receipt whose status is 0x0. */

/** One row of the error-code table. */
export interface SctFailure {
  readonly code: number;
  /** Stable name for programs. */
  readonly name: string;
  /** Sentence for people. */
  readonly en: string;
  readonly ko: string;
}

/** Every documented code (json-rpc-sct-errorcodes.md of the chain's developer documents). The sentences are ours. */
export const SCT_FAILURES = [
  { code: 1000, name: 'contract-not-found', en: 'There is no such contract.', ko: '해당 컨트랙트가 없어요.' },
  {
    code: 1001,
    name: 'bad-format',
    en: 'A parameter of the contract call has a wrong format, such as the length of the name or symbol.',
    ko: '이름이나 심볼의 길이 등 컨트랙트 매개변수의 형식이 맞지 않아요.',
  },
  {
    code: 1002,
    name: 'wrong-state',
    en: 'The contract is in a state that does not allow this, for example paused.',
    ko: '컨트랙트가 정지되는 등 이 작업을 할 수 없는 상태예요.',
  },
  {
    code: 1003,
    name: 'not-owner',
    en: 'Only the owner or creator of the contract may do this.',
    ko: '컨트랙트의 소유자나 생성자만 할 수 있어요.',
  },
  { code: 2000, name: 'balance-too-low', en: 'The balance is missing or too low.', ko: '잔액이 없거나 부족해요.' },
  {
    code: 2001,
    name: 'allowance-too-low',
    en: 'The allowance is missing or too low.',
    ko: '위임받은 한도가 없거나 부족해요.',
  },
  {
    code: 3000,
    name: 'wrong-item-state',
    en: 'The item is in a state that does not allow this.',
    ko: '아이템이 이 작업을 할 수 없는 상태예요.',
  },
  { code: 3001, name: 'bad-item-format', en: 'The item has a wrong format.', ko: '아이템의 형식이 맞지 않아요.' },
  {
    code: 3002,
    name: 'too-many-items',
    en: 'There are more items than the limit allows.',
    ko: '아이템 수가 한도를 넘었어요.',
  },
  {
    code: 4000,
    name: 'symid-unknown',
    en: 'A SymID is missing or unknown to the chain.',
    ko: 'SymID가 없거나 체인에 등록되어 있지 않아요.',
  },
  {
    code: 4001,
    name: 'same-symid',
    en: 'Sender and receiver are the same SymID.',
    ko: '보내는 SymID와 받는 SymID가 같아요.',
  },
  {
    code: 5000,
    name: 'poll-creator-exists',
    en: 'The poll creator is already registered.',
    ko: '이미 등록된 투표 개설자예요.',
  },
  { code: 5001, name: 'poll-creator-missing', en: 'There are no poll creators.', ko: '투표 개설자가 없어요.' },
  {
    code: 5002,
    name: 'stake-balance-too-low',
    en: 'The stake balance is missing or too low.',
    ko: '예치 잔액이 없거나 부족해요.',
  },
  {
    code: 5003,
    name: 'wrong-poll-state',
    en: 'The poll is in a state that does not allow this.',
    ko: '투표가 이 작업을 할 수 없는 상태예요.',
  },
  { code: 5004, name: 'poll-expired', en: 'The poll has ended.', ko: '투표 기간이 끝났어요.' },
  { code: 5005, name: 'bad-poll-format', en: 'The poll has a wrong format.', ko: '투표의 형식이 맞지 않아요.' },
  {
    code: 5006,
    name: 'stake-too-low',
    en: 'The stake is lower than the poll demands.',
    ko: '예치 금액이 투표 조건보다 적어요.',
  },
  {
    code: 5007,
    name: 'vote-unchangeable',
    en: 'A vote that was cast cannot be changed.',
    ko: '이미 한 투표는 바꿀 수 없어요.',
  },
  {
    code: 5008,
    name: 'bad-poll-creators',
    en: 'The list of poll creators has a wrong format.',
    ko: '투표 개설자 목록의 형식이 맞지 않아요.',
  },
] as const satisfies readonly SctFailure[];

/** The name of a failure, such as `balance-too-low`. */
export type SctFailureName = (typeof SCT_FAILURES)[number]['name'];
/** A documented error code, such as 2000. */
export type SctErrCode = (typeof SCT_FAILURES)[number]['code'];

/** The codes by name, for the code that sets them. */
export const SCT_ERR = Object.fromEntries(SCT_FAILURES.map(({ name, code }) => [name, code])) as {
  readonly [Row in (typeof SCT_FAILURES)[number] as Row['name']]: Row['code'];
};

/** The row of an error code, or undefined for a code that no document names. */
export const sctFailure = (code: number): (typeof SCT_FAILURES)[number] | undefined =>
  SCT_FAILURES.find((failure) => failure.code === code);

/** What people are told of an error code: its row's sentences, or that no document names it. */
export function sctErrorText(code: number): { readonly ko: string; readonly en: string } {
  const { ko, en } = sctFailure(code) ?? {
    ko: '알려지지 않은 오류예요.',
    en: 'An error that no document names.',
  };
  return { ko, en };
}
