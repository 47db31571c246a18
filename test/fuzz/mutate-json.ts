/** Damage to JSON: values that a method does not expect, text that is no JSON, and JSON that only careless programs write. */
import { mutateBytes } from './mutate-bytes.ts';
import type { Random } from './random.ts';

/** Text that is written into the JSON as it is, whether it is JSON or not. */
class Token {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Loose = string | number | boolean | null | Token | Loose[] | LooseObject;
/** Members in order; a name may come twice. */
interface LooseObject {
  members: [name: string, value: Loose][];
}

/** A call's JSON changed in one to three ways. `other` is another valid body. */
export function mutateJson(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  if (random.oneIn(3)) return mutateBytes(random, bytes, other);
  let value = readLoose(bytes);
  const rounds = random.oneIn(3) ? 3 : 1;
  for (let round = 0; round < rounds; round++) value = mutateValue(random, value, readLoose(other));
  const text = new TextEncoder().encode(writeLoose(value));
  return random.oneIn(10) ? mutateBytes(random, text, other) : text;
}

const readLoose = (bytes: Uint8Array): Loose => loosen(JSON.parse(new TextDecoder().decode(bytes)));

function loosen(value: unknown): Loose {
  if (Array.isArray(value)) return value.map(loosen);
  if (typeof value === 'object' && value !== null)
    return { members: Object.entries(value).map(([name, member]) => [name, loosen(member)]) };
  return value as string | number | boolean | null;
}

function writeLoose(value: Loose): string {
  if (value instanceof Token) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeLoose).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${value.members.map(([name, member]) => `${JSON.stringify(name)}:${writeLoose(member)}`).join(',')}}`;
  return JSON.stringify(value);
}

/** A place in the tree: how to read it and how to put something else there. */
interface Place {
  readonly value: Loose;
  put(value: Loose): void;
}

function placesOf(root: { value: Loose }): Place[] {
  const found: Place[] = [];
  const visit = (value: Loose, put: (value: Loose) => void): void => {
    found.push({ value, put });
    if (value instanceof Token || typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) value.forEach((element, index) => visit(element, (next) => void (value[index] = next)));
    else for (const member of value.members) visit(member[1], (next) => void (member[1] = next));
  };
  visit(root.value, (next) => void (root.value = next));
  return found;
}

const NAMES = [
  'jsonrpc',
  'id',
  'method',
  'params',
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  'ID',
  'Params',
];

function mutateValue(random: Random, value: Loose, other: Loose): Loose {
  const root = { value };
  const places = placesOf(root);
  const place = random.pick(places);
  const inside = place.value;
  const isList = Array.isArray(inside);
  const members =
    typeof inside === 'object' && inside !== null && !isList && !(inside instanceof Token) ? inside.members : undefined;
  switch (random.below(9)) {
    case 0:
      place.put(odd(random));
      break;
    case 1:
      if (typeof inside === 'string') place.put(damagedText(random, inside));
      else place.put([inside]);
      break;
    case 2:
      if (isList && inside.length > 0) inside.splice(random.below(inside.length), 1);
      else if (members && members.length > 0) members.splice(random.below(members.length), 1);
      break;
    case 3: // The same again: an element twice, a name twice with another value.
      if (isList && inside.length > 0) inside.push(random.pick(inside));
      else if (members && members.length > 0) members.push([random.pick(members)[0], odd(random)]);
      break;
    case 4:
      if (members) members.push([random.pick(NAMES), odd(random)]);
      else if (isList) inside.push(odd(random));
      break;
    case 5:
      if (members && members.length > 0) random.pick(members)[0] = random.pick(NAMES);
      break;
    case 6:
      place.put(random.pick(placesOf({ value: other })).value);
      break;
    case 7:
      return batch(random, root.value, other);
    default:
      if (typeof inside === 'string') place.put(asNumber(inside));
      break;
  }
  return root.value;
}

function batch(random: Random, value: Loose, other: Loose): Loose {
  if (random.oneIn(300)) return Array.from({ length: random.pick([1000, 1001]) }, () => value);
  return random.pick<Loose[]>([[], [value], [value, other], [value, value], [[value]], [value, null, 7, 'x']]);
}

/** A number in place of text, as careless clients send it. */
const asNumber = (text: string): Loose => (/^0x[0-9a-f]{1,13}$/.test(text) ? Number.parseInt(text.slice(2), 16) : 0);

const ODD_TOKENS = [
  '1e400',
  '-0',
  '1E+2',
  '0x10',
  '01',
  '.5',
  '1.',
  'NaN',
  'Infinity',
  'undefined',
  'nul',
  "'x'",
  '"\\ud800"',
  '"\\u0000"',
  '"\\x"',
  '"a\nb"',
  '9007199254740993',
  '-1',
  '1.5',
  '123456789012345678901234567890',
  '[,]',
  '{"a"}',
  '/**/1',
  '"',
];

function odd(random: Random): Loose {
  switch (random.below(8)) {
    case 0:
      return new Token(random.pick(ODD_TOKENS));
    case 1:
      return null;
    case 2:
      return random.pick<Loose>([true, false, 0, 1, -1, 4_294_967_296]);
    case 3:
      return random.pick<Loose>([[], { members: [] }, [[]], { members: [['__proto__', { members: [] }]] }]);
    case 4:
      return new Token('['.repeat(depth(random)) + ']'.repeat(random.oneIn(5) ? 0 : 3));
    case 5: {
      const levels = depth(random);
      return new Token('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
    }
    case 6:
      return 'x'.repeat(random.oneIn(30) ? 70_000 : random.below(300));
    default:
      return random.pick([
        'latest',
        'pending',
        'earliest',
        '0x',
        '0x0',
        '0x00',
        '0X1',
        '0xg',
        '',
        'sym_blockNumber',
        '\u202e',
        '🤯',
      ]);
  }
}

const depth = (random: Random): number => (random.oneIn(20) ? 20_000 : random.between(1, 40));

function damagedText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(8)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return text.slice(0, at);
    case 2:
      return text.slice(0, at) + random.pick(['0', 'g', ' ', '\u0000', '\u200b', '０', 'F', '\ud800']) + text.slice(at);
    case 3:
      return text.replace(/^0x/, random.pick(['0x0', '0X', '', '0x00', '-0x', 'x']));
    case 4:
      return text + text;
    case 5:
      return [...text].map((digit) => (random.oneIn(2) ? digit.toUpperCase() : digit)).join('');
    case 6:
      return ` ${text}\n`;
    default:
      return text.slice(0, at) + random.below(16).toString(16) + text.slice(at + 1);
  }
}
