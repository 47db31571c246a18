/** What a passphrase and a PIN must be. Works on bytes: no text of a secret is ever made. Pure. */

const PASSPHRASE_CHARACTERS_MIN = 8;

/** The first that anybody tries, in lower case. Length and refusal of runs do the rest; there are no composition rules. */
const COMMON = [
  'password',
  'password1',
  'password12',
  'password123',
  'passw0rd',
  'p@ssw0rd',
  'qwertyuiop',
  'qwerty123',
  'qwerty1234',
  '1q2w3e4r',
  '1q2w3e4r5t',
  '1qaz2wsx',
  'q1w2e3r4',
  'asdfghjkl',
  'asdf1234',
  'abcd1234',
  'abc12345',
  'a1234567',
  'a12345678',
  'iloveyou',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'superman',
  'letmein1',
  'welcome1',
  'trustno1',
  'admin123',
  'administrator',
  'changeme',
  'tkfkdgo1',
  'tkfkdgody',
  'dkssudgktpdy',
  'qlalfqjsgh',
  'qlalfqjsgh1',
  'eogksalsrnr',
  'jigeum1234',
  '11223344',
  '12341234',
  '12344321',
  '123123123',
  '123456789a',
  '147258369',
  '159753159',
  '741852963',
  '비밀번호',
  '사랑해사랑해',
].map((text) => new TextEncoder().encode(text));

/** Why a passphrase is too easy, or null. `isOwnPhone` answers for eleven digits. */
export function passphraseProblem(
  passphrase: Uint8Array,
  context: { memberId: string; isOwnPhone(digits: Uint8Array): boolean },
): 'short' | 'common' | 'run' | 'member-id' | 'phone' | null {
  if (characterCount(passphrase) < PASSPHRASE_CHARACTERS_MIN) return 'short';
  const lower = Uint8Array.from(passphrase, (byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));
  try {
    if (COMMON.some((word) => equals(word, lower))) return 'common';
    if (isRun(lower)) return 'run';
    if (isMemberId(lower, new TextEncoder().encode(context.memberId))) return 'member-id';
    if (isPhone(lower, context.isOwnPhone)) return 'phone';
    return null;
  } finally {
    lower.fill(0);
  }
}

/** Why a PIN is too easy, or null: six digits, not one digit six times, not a run up or down. */
export function pinProblem(pin: Uint8Array): 'not-six-digits' | 'run' | null {
  if (pin.length !== 6 || !pin.every(isDigit)) return 'not-six-digits';
  return isRun(pin) ? 'run' : null;
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** UTF-8 characters: every byte that does not continue one. */
const characterCount = (bytes: Uint8Array): number =>
  bytes.reduce((count, byte) => ((byte & 0xc0) === 0x80 ? count : count + 1), 0);

/** `aaaaaa`, `123456`, `654321`, `90123…`: each step is the same 0, 1 or −1 (digits wrap around). */
function isRun(bytes: Uint8Array): boolean {
  return [0, 1, -1].some((step) =>
    bytes.every((byte, index) => {
      if (index === 0) return true;
      const before = bytes[index - 1]!;
      if (isDigit(before) && isDigit(byte)) return (byte - before - step + 10) % 10 === 0;
      return byte - before === step;
    }),
  );
}

/** The ID, alone or with up to three further characters around it. */
function isMemberId(lower: Uint8Array, memberId: Uint8Array): boolean {
  if (lower.length > memberId.length + 3) return false;
  for (let start = 0; start + memberId.length <= lower.length; start++)
    if (equals(lower.subarray(start, start + memberId.length), memberId)) return true;
  return false;
}

const PHONE_PREFIX = new TextEncoder().encode('010');

/** The own number, whole or without its 010, hyphens or not. */
function isPhone(lower: Uint8Array, isOwnPhone: (digits: Uint8Array) => boolean): boolean {
  const digits = lower.filter(isDigit);
  const hyphens = lower.filter((byte) => byte === 45).length;
  try {
    if (digits.length + hyphens !== lower.length) return false;
    if (digits.length === 11) return isOwnPhone(digits);
    if (digits.length !== 8) return false;
    const whole = new Uint8Array([...PHONE_PREFIX, ...digits]);
    const isOwn = isOwnPhone(whole);
    whole.fill(0);
    return isOwn;
  } finally {
    digits.fill(0);
  }
}

/** For lists that anyone may read; secrets are compared by their keyed hash. */
function equals(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
