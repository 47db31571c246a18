/** Every refusal that the API can answer: a contract. A code is never reused for another meaning. */

interface ErrorDefinition {
  /** HTTP status. */
  readonly status: number;
  /** What the member reads, in Korean. */
  readonly ko: string;
  /** What the member reads, in English. */
  readonly en: string;
}

export const errorCodes = {
  'request-invalid': { status: 400, ko: '입력한 내용을 다시 확인해 주세요.', en: 'Please check what you entered.' },
  'not-logged-in': { status: 401, ko: '로그인이 필요해요.', en: 'Please log in.' },
  'wallet-locked': {
    status: 401,
    ko: '안전을 위해 잠겼어요. 암호를 다시 입력해 주세요.',
    en: 'Locked for your safety. Please enter your passphrase again.',
  },
  'login-refused': {
    status: 401,
    ko: 'ID 또는 암호가 맞지 않아요.',
    en: 'The ID or the passphrase is not right.',
  },
  'login-stopped': {
    status: 423,
    ko: '암호를 5번 틀려서 로그인이 멈췄어요. 본인확인을 다시 해 주세요.',
    en: 'Log-in has stopped after 5 wrong passphrases. Please verify your identity again.',
  },
  'pin-wrong': {
    status: 403,
    ko: '결제 비밀번호가 맞지 않아요. 돈은 나가지 않았어요.',
    en: 'The payment PIN is not right. No money has left.',
  },
  'pin-stopped': {
    status: 423,
    ko: '결제 비밀번호를 5번 틀려서 결제가 멈췄어요. 돈은 나가지 않았어요.',
    en: 'Payments have stopped after 5 wrong PINs. No money has left.',
  },
  forbidden: { status: 403, ko: '이 작업을 할 수 있는 권한이 없어요.', en: 'You are not allowed to do this.' },
  'cross-site': {
    status: 403,
    ko: '다른 사이트에서 온 요청은 받지 않아요.',
    en: 'Requests from another site are refused.',
  },
  'not-found': { status: 404, ko: '찾을 수 없어요.', en: 'Not found.' },
  'payee-not-found': { status: 404, ko: '받는 분을 찾을 수 없어요.', en: 'We cannot find this payee.' },
  'payee-is-payer': { status: 422, ko: '나에게는 보낼 수 없어요.', en: 'You cannot send to yourself.' },
  'payee-not-ready': {
    status: 409,
    ko: '받는 분의 지갑이 아직 준비 중이에요. 잠시 뒤에 다시 보내 주세요.',
    en: "The payee's wallet is still being prepared. Please try again in a moment.",
  },
  'payee-changed': {
    status: 409,
    ko: '받는 분 정보가 바뀌었어요. 다시 확인해 주세요. 돈은 나가지 않았어요.',
    en: 'The payee has changed. Please check again. No money has left.',
  },
  'wallet-not-ready': {
    status: 409,
    ko: '지갑을 준비하고 있어요. 잠시만 기다려 주세요.',
    en: 'Your wallet is being prepared. Please wait a moment.',
  },
  'balance-too-low': {
    status: 422,
    ko: '보낼 수 있는 금액이 부족해요. 돈은 나가지 않았어요.',
    en: 'Not enough money available. No money has left.',
  },
  'amount-out-of-range': { status: 422, ko: '금액을 다시 확인해 주세요.', en: 'Please check the amount.' },
  'token-paused': {
    status: 409,
    ko: '지금은 송금이 잠시 멈춰 있어요. 돈은 나가지 않았어요.',
    en: 'Transfers are paused at the moment. No money has left.',
  },
  'outflow-stopped': {
    status: 409,
    ko: '돈은 나가지 않았어요. 안전을 확인하는 동안 모든 송금이 잠시 멈춰 있어요.',
    en: 'No money has left. All payments are stopped for a moment while we check that everything is right.',
  },
  'wallet-frozen': {
    status: 423,
    ko: '돈은 나가지 않았어요. 안전을 위해 이 지갑에서 보내기가 멈춰 있어요. 고객센터에 문의해 주세요.',
    en: 'No money has left. Sending from this wallet is stopped for your safety. Please contact us.',
  },
  'not-verified': { status: 403, ko: '실명확인을 마친 뒤에 이용할 수 있어요.', en: 'Please verify your name first.' },
  'service-busy': {
    status: 503,
    ko: '지금 요청이 많아요. 잠시 뒤에 다시 해 주세요. 돈은 나가지 않았어요.',
    en: 'We are busy right now. Please try again in a moment. No money has left.',
  },
  'rate-limited': {
    status: 429,
    ko: '너무 많이 시도했어요. 잠시 뒤에 다시 해 주세요.',
    en: 'Too many tries. Please wait a moment.',
  },
  'idempotency-key-missing': {
    status: 400,
    ko: '요청 번호가 없어요.',
    en: 'The Idempotency-Key header is missing: send a new UUID for each new request.',
  },
  'idempotency-key-reused': {
    status: 422,
    ko: '같은 요청 번호로 다른 내용이 왔어요.',
    en: 'This Idempotency-Key was used with other content. Use a new key for a new request.',
  },
  'idempotency-in-progress': {
    status: 409,
    ko: '같은 요청을 처리하고 있어요.',
    en: 'The same request is being worked on. Ask again with the same key.',
  },
  'member-id-taken': { status: 409, ko: '이미 쓰고 있는 ID예요.', en: 'This ID is taken.' },
  'already-a-member': {
    status: 409,
    ko: '이미 가입한 분이에요. 로그인해 주세요.',
    en: 'You have already joined. Please log in.',
  },
  'passphrase-weak': {
    status: 422,
    ko: '암호가 너무 쉬워요. 8자 이상으로 더 길게 정해 주세요.',
    en: 'The passphrase is too easy. Use at least 8 characters, longer is better.',
  },
  'pin-weak': {
    status: 422,
    ko: '결제 비밀번호가 너무 쉬워요. 다른 숫자로 정해 주세요.',
    en: 'The PIN is too easy. Please choose other digits.',
  },
  'identity-code-wrong': { status: 422, ko: '인증번호가 맞지 않아요.', en: 'The code is not right.' },
  'identity-code-expired': {
    status: 410,
    ko: '인증번호 시간이 지났어요. 다시 받아 주세요.',
    en: 'The code has expired. Please ask for a new one.',
  },
  'identity-tries-used-up': {
    status: 423,
    ko: '인증번호를 5번 틀렸어요. 처음부터 다시 해 주세요.',
    en: 'Five wrong codes. Please start again.',
  },
  'identity-sends-used-up': {
    status: 429,
    ko: '오늘 받을 수 있는 인증번호를 모두 받았어요.',
    en: 'You have received all codes for today.',
  },
  'identity-mismatch': {
    status: 422,
    ko: '통신사에 등록된 정보와 달라요. 이름과 생년월일, 휴대폰 번호를 확인해 주세요.',
    en: "This differs from your carrier's records. Check name, birth date and phone number.",
  },
  'identity-agency-unavailable': {
    status: 503,
    ko: '본인확인 기관이 응답하지 않아요. 잠시 뒤에 다시 해 주세요.',
    en: 'The identity agency does not answer. Please try again in a moment.',
  },
  'identity-not-verified': { status: 409, ko: '본인확인을 먼저 해 주세요.', en: 'Please verify your identity first.' },
  'charge-not-cancellable': {
    status: 409,
    ko: '이미 입금된 충전은 취소할 수 없어요.',
    en: 'A charge that is paid cannot be cancelled.',
  },
  'receipt-not-ready': {
    status: 409,
    ko: '끝난 결제에만 영수증이 있어요.',
    en: 'Only a payment that has arrived has a receipt.',
  },
  'receipt-unavailable': {
    status: 503,
    ko: '결제는 끝났어요. 영수증은 지금 만들 수 없으니 잠시 뒤에 다시 봐 주세요.',
    en: 'The payment has arrived. Its receipt cannot be made right now; please look again in a moment.',
  },
  'signature-invalid': { status: 401, ko: '서명이 맞지 않아요.', en: 'The signature of this notice is not right.' },
  internal: {
    status: 500,
    ko: '저희 쪽에 문제가 생겼어요. 확인하고 있어요.',
    en: 'Something went wrong on our side. We are checking.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof errorCodes;
