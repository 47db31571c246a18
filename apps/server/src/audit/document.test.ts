/** Recomputes the example of docs/protocol/audit-log.md from that page alone, without any code of ours. */
import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Example {
  serverKey: string;
  auditKey: string;
  links: {
    seq: number;
    trx: string;
    row: {
      id: string;
      atMicros: number;
      actor: string;
      act: string;
      subject: string | null;
      request: string;
      facts: string;
    };
    rowMac: string;
    hash: string;
    linkMac: string;
  }[];
  checkpoint: { lines: string[]; hash: string; signature: string; anchorId: string };
  head: { lines: string[]; signature: string };
}

const page = readFileSync(new URL('../../../../docs/protocol/audit-log.md', import.meta.url), 'utf8');
const example = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(page)![1]!) as Example;

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function mac(purpose: string, bytes: Buffer): string {
  const key = hkdfSync('sha256', Buffer.from(example.serverKey, 'hex'), 'jigeum server key', `hmac ${purpose}`, 32);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return createHmac('sha256', Buffer.from(key)).update(length).update(bytes).digest('hex');
}

test('the rows and links of the example are made as the page says', () => {
  let before = '0'.repeat(64);
  expect(example.links).toHaveLength(2);
  for (const [index, link] of example.links.entries()) {
    const { id, atMicros, actor, act, subject, request, facts } = link.row;
    const row = ['jigeum audit row 1', id, atMicros, actor, act, subject ?? '', request, facts].join('\n');
    expect(row.split('\n')).toHaveLength(8);
    expect(link.seq).toBe(index + 1);
    expect(link.rowMac).toBe(mac('audit row', Buffer.from(row, 'utf8')));
    const text = ['jigeum audit link 1', link.seq, before, link.trx, link.rowMac, row].join('\n');
    expect(text.split('\n')).toHaveLength(13);
    expect(link.hash).toBe(sha256(text));
    expect(link.linkMac).toBe(mac('audit link', Buffer.from(link.hash, 'hex')));
    before = link.hash;
  }
});

test('the checkpoint and the head of the example are signed as the page says', () => {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(example.auditKey, 'hex'),
  ]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const { checkpoint, head } = example;
  const last = example.links.at(-1)!;
  const at = checkpoint.lines[4]!;
  expect(checkpoint.lines).toEqual([
    ...['jigeum audit checkpoint 1', '1', String(last.seq), last.hash, at, '0'.repeat(64), publicKey],
  ]);
  const text = checkpoint.lines.join('\n');
  expect(checkpoint.hash).toBe(sha256(text));
  expect(checkpoint.signature).toBe(sign(null, Buffer.from(text), privateKey).toString('hex'));
  const digits = [...checkpoint.hash.slice(0, 32)];
  digits[12] = '8';
  digits[16] = '8';
  expect(checkpoint.anchorId.replaceAll('-', '')).toBe(digits.join(''));
  expect(head.lines).toEqual(['jigeum audit head 1', String(last.seq), last.hash, head.lines[3], publicKey]);
  expect(head.signature).toBe(sign(null, Buffer.from(head.lines.join('\n')), privateKey).toString('hex'));
});
