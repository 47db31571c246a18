/**
 * How many guesses a passphrase would take, not how many symbols it has. The text is cut into the cheapest pieces that an
 * attacker tries first (common words, years, runs, repeats, keyboard rows); what is left costs one alphabet a character.
 */

/** Powers of ten: 8 is a hundred million guesses. */
export type GuessesLog10 = number;

export type Strength = 'none' | 'weak' | 'fair' | 'good' | 'strong';

/** The server refuses fewer. */
const LENGTH_MIN = 8;
/** Guesses (as powers of ten) from which a strength begins. At 10⁴ scrypt guesses a second 10⁹ lasts a day, 10¹² three years. */
const FAIR = 7;
const GOOD = 9.5;
const STRONG = 12.5;

export function strengthOf(passphrase: string): Strength {
  if ([...passphrase].length < LENGTH_MIN) return 'none';
  const guesses = guessesLog10(passphrase);
  if (guesses < FAIR) return 'weak';
  if (guesses < GOOD) return 'fair';
  return guesses < STRONG ? 'good' : 'strong';
}

/** Only these may be chosen. */
export const isAcceptable = (strength: Strength): boolean => strength === 'good' || strength === 'strong';

interface Piece {
  readonly length: number;
  readonly cost: GuessesLog10;
}

/** Most common first: the place in the list is the number of guesses. */
const WORDS = `password qwerty dragon monkey letmein iloveyou welcome sunshine princess football baseball master shadow
superman batman trustno1 admin login hello freedom whatever jordan michael charlie hunter summer winter spring autumn
love secret korea seoul busan jigeum samsung naver kakao money wallet bitcoin crypto token symverse payment won
sarang saranghae babo dkssud dkssudgktpdy tkfkd tkfkdgo qlalfqjsgh asdf zxcv test user guest root pass word home
family happy angel flower tiger lion star moon summer blue green black white red purple orange apple banana cookie
chocolate coffee computer internet mobile phone android iphone google facebook instagram twitter youtube netflix
사랑 사랑해 안녕 안녕하세요 비밀번호 대한민국 한국 서울 부산 엄마 아빠 가족 행복 바보 우리집 강아지 고양이 지갑 돈 카카오 네이버 삼성`
  .split(/\s+/)
  .filter((word, index, all) => all.indexOf(word) === index);

const ROWS = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'abcdefghijklmnopqrstuvwxyz',
  '가나다라마바사아자차카타파하',
];

/** The cheapest way to write `passphrase` in pieces, found from left to right. */
export function guessesLog10(passphrase: string): GuessesLog10 {
  const characters = [...passphrase.normalize('NFC').toLowerCase()];
  const text = characters.join('');
  const single = Math.log10(alphabetOf(passphrase));
  const cheapest: GuessesLog10[] = [0];
  for (let end = 1; end <= characters.length; end++) cheapest.push(cheapest[end - 1]! + single);
  for (let start = 0; start < characters.length; start++) {
    for (const piece of piecesAt(characters, text, start)) {
      const end = start + piece.length;
      cheapest[end] = Math.min(cheapest[end]!, cheapest[start]! + piece.cost);
    }
    // A piece may have made a later place cheaper: carry that on, one character at a time.
    for (let end = start + 1; end <= characters.length; end++)
      cheapest[end] = Math.min(cheapest[end]!, cheapest[end - 1]! + single);
  }
  return cheapest[characters.length]!;
}

function* piecesAt(characters: readonly string[], text: string, start: number): Generator<Piece> {
  const rest = characters.slice(start).join('');
  for (const [index, word] of WORDS.entries())
    if (rest.startsWith(word)) yield { length: [...word].length, cost: Math.log10(index + 2) + 0.5 };

  let repeat = 1;
  while (characters[start + repeat] === characters[start]) repeat++;
  for (let length = 2; length <= repeat; length++) yield { length, cost: 1.6 + Math.log10(length) };

  const year = /^(?:19|20)[0-9]{2}(?:[01][0-9][0-3][0-9])?/.exec(rest);
  if (year !== null) {
    yield { length: 4, cost: 2 };
    if (year[0].length === 8) yield { length: 8, cost: 4.5 };
  }

  for (const row of [...ROWS, ...ROWS.map((forward) => [...forward].reverse().join(''))]) {
    const at = row.indexOf(characters[start]!);
    if (at < 0) continue;
    let run = 1;
    while (start + run < characters.length && row[at + run] === characters[start + run]) run++;
    for (let length = 3; length <= run; length++) yield { length, cost: 1.5 + Math.log10(length) };
  }

  // A stretch that was written before is one more guess.
  for (let length = 3; start + length <= characters.length; length++) {
    const stretch = characters.slice(start, start + length).join('');
    if (text.indexOf(stretch) < start && characters.slice(0, start).join('').includes(stretch))
      yield { length, cost: 1 + Math.log10(length) };
    else break;
  }
}

function alphabetOf(text: string): number {
  let size = 0;
  if (/[0-9]/.test(text)) size += 10;
  if (/[a-z]/.test(text)) size += 26;
  if (/[A-Z]/.test(text)) size += 26;
  if (/[가-힣]/.test(text)) size += 1_000;
  if (/[^0-9a-zA-Z가-힣]/.test(text)) size += 20;
  // People type letters in words, not at random: a letter in context is worth less than its alphabet.
  return Math.max(4, size ** 0.8);
}
