/** Reads a searched text: what it could be, the likeliest first. Pure. */
export type Question =
  | { kind: 'block'; number: number }
  | { kind: 'hash'; hash: string }
  | { kind: 'address'; address: string }
  | { kind: 'name'; text: string };

/** Twenty hex digits are an address and 64 a hash, with 0x or without; digits are a block; anything may begin a name. */
export function questionsIn(given: string): Question[] {
  const text = given.trim();
  const questions: Question[] = [];
  const digits = text.replaceAll(',', '');
  if (/^[0-9]{1,15}$/.test(digits)) questions.push({ kind: 'block', number: Number.parseInt(digits, 10) });
  const hex = /^(?:0x)?([0-9a-f]{20}|[0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase();
  if (hex !== undefined)
    questions.push(hex.length === 64 ? { kind: 'hash', hash: `0x${hex}` } : { kind: 'address', address: `0x${hex}` });
  if (text !== '' && hex === undefined) questions.push({ kind: 'name', text });
  return questions;
}
