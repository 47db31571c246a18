/**
 * RLP as this storm sees it: a tree whose nodes may be written wrongly on purpose. It shares no code with the decoder under
 * test, and reads only what it wrote or what is well-formed.
 */
import type { Random } from './random.ts';

/** How a node's length is written: as it must be, or in a form that the decoder has to refuse. */
type Prefix = 'canonical' | 'long' | 'long-with-zero' | 'too-short' | 'too-long' | 'wrapped';

export interface RlpBytes {
  bytes: Uint8Array;
  prefix?: Prefix;
}
export interface RlpList {
  items: RlpNode[];
  prefix?: Prefix;
}
export type RlpNode = RlpBytes | RlpList;

const WRONG_PREFIXES: readonly Prefix[] = ['long', 'long-with-zero', 'too-short', 'too-long', 'wrapped'];

/** The tree of bytes that are well-formed RLP, or undefined for others. */
export function readTree(bytes: Uint8Array): RlpNode | undefined {
  const read = (at: number, limit: number, depth: number): [RlpNode, number] | undefined => {
    const head = bytes[at];
    if (head === undefined || at >= limit || depth > 64) return undefined;
    if (head < 0x80) return [{ bytes: bytes.slice(at, at + 1) }, at + 1];
    const isList = head >= 0xc0;
    const short = head - (isList ? 0xc0 : 0x80);
    const count = short <= 55 ? 0 : short - 55;
    let length = count === 0 ? short : 0;
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[at + 1 + index] ?? 0);
    const start = at + 1 + count;
    const end = start + length;
    if (end > limit) return undefined;
    if (!isList) return [{ bytes: bytes.slice(start, end) }, end];
    const items: RlpNode[] = [];
    for (let next = start; next < end;) {
      const child = read(next, end, depth + 1);
      if (child === undefined) return undefined;
      items.push(child[0]);
      next = child[1];
    }
    return [{ items }, end];
  };
  const found = read(0, bytes.length, 0);
  return found !== undefined && found[1] === bytes.length ? found[0] : undefined;
}

/** The bytes of a tree, wrong prefixes included. */
export function writeTree(node: RlpNode): Uint8Array {
  if ('bytes' in node) {
    const isOwn = node.bytes.length === 1 && node.bytes[0]! < 0x80 && (node.prefix ?? 'canonical') === 'canonical';
    return isOwn ? node.bytes : joined([prefixOf(0x80, node.bytes.length, node.prefix), node.bytes]);
  }
  const payload = joined(node.items.map(writeTree));
  return joined([prefixOf(0xc0, payload.length, node.prefix), payload]);
}

/** All nodes of a tree, the root first. */
export function nodesOf(root: RlpNode): RlpNode[] {
  const found: RlpNode[] = [];
  const visit = (node: RlpNode): void => {
    found.push(node);
    if ('items' in node) node.items.forEach(visit);
  };
  visit(root);
  return found;
}

/** Changes a tree in one way that a forger or a careless client might. */
export function mutateTree(random: Random, root: RlpNode, other: RlpNode): RlpNode {
  const nodes = nodesOf(root);
  const node = random.pick(nodes);
  const lists = nodes.filter((candidate) => 'items' in candidate);
  const list = lists.length === 0 ? undefined : random.pick(lists);
  switch (random.below(12)) {
    case 0:
      node.prefix = random.pick(WRONG_PREFIXES);
      return root;
    case 1:
      if ('bytes' in node) node.bytes = joined([new Uint8Array(random.between(1, 3)), node.bytes]);
      return root;
    case 2:
      if ('bytes' in node) node.bytes = damagedText(random, node.bytes);
      return root;
    case 3:
      if ('bytes' in node) node.bytes = random.bytes(random.pick([0, 1, 2, 8, 9, 10, 20, 32, 33, 64, 65, 255, 256]));
      return root;
    case 4:
      if ('bytes' in node)
        node.bytes = random.pick([
          new Uint8Array(0),
          Uint8Array.of(0),
          Uint8Array.of(1),
          Uint8Array.of(0x7f),
          Uint8Array.of(0x80),
        ]);
      return root;
    case 5: // The same field twice.
      if (list && list.items.length > 0) list.items.splice(random.below(list.items.length), 0, random.pick(list.items));
      return root;
    case 6:
      if (list && list.items.length > 0) list.items.splice(random.below(list.items.length), 1);
      return root;
    case 7: // Two fields change places.
      if (list && list.items.length > 1) {
        const [left, right] = [random.below(list.items.length), random.below(list.items.length)];
        [list.items[left], list.items[right]] = [list.items[right]!, list.items[left]!];
      }
      return root;
    case 8: // A part of another input in a field's place.
      if (list && list.items.length > 0) list.items[random.below(list.items.length)] = random.pick(nodesOf(other));
      return root;
    case 9: // A list where bytes belong, or the other way round; perhaps deeply nested.
      if (list && list.items.length > 0) list.items[random.below(list.items.length)] = nested(random);
      return root;
    case 10:
      if (list) list.items.push(...manyItems(random));
      return root;
    default:
      return { items: [root] };
  }
}

function nested(random: Random): RlpNode {
  let node: RlpNode = random.oneIn(2) ? { items: [] } : { bytes: random.bytes(random.below(4)) };
  const depth = random.oneIn(20) ? random.between(30, 2000) : random.between(1, 6);
  for (let level = 0; level < depth; level++) node = { items: [node] };
  return node;
}

function manyItems(random: Random): RlpNode[] {
  const count = random.oneIn(200) ? random.between(1000, 20_000) : random.between(1, 40);
  const item: RlpNode = random.oneIn(2) ? { items: [] } : { bytes: random.bytes(random.below(3)) };
  return Array.from({ length: count }, () => item);
}

/** Bytes that are no UTF-8: a lone continuation, an overlong form, a surrogate, a cut sequence, a byte order mark. */
const BAD_TEXT: readonly Uint8Array[] = [
  Uint8Array.of(0x80),
  Uint8Array.of(0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xf0, 0x9f, 0x92),
  Uint8Array.of(0xff),
  Uint8Array.of(0xef, 0xbb, 0xbf),
  Uint8Array.of(0xe2, 0x80, 0xae),
];

function damagedText(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return joined([bytes.subarray(0, at), random.pick(BAD_TEXT), bytes.subarray(at)]);
}

function prefixOf(base: number, length: number, prefix: Prefix = 'canonical'): Uint8Array {
  const written = prefix === 'too-short' ? Math.max(0, length - 1) : prefix === 'too-long' ? length + 1 : length;
  const isLong = prefix === 'long' || prefix === 'long-with-zero' || written > 55;
  if (!isLong) return Uint8Array.of(base + written);
  const digits: number[] = prefix === 'long-with-zero' ? [0] : [];
  for (const shift of [24, 16, 8, 0]) if (written >>> shift > 0 || shift === 0) digits.push((written >>> shift) & 0xff);
  return Uint8Array.of(base + 55 + digits.length, ...digits);
}

/** Several byte strings as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
