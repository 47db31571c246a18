import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuditKey, isSignedBy } from './audit-key.ts';
import {
  anchorIdOf,
  anchorText,
  checkpointHash,
  checkpointLine,
  checkpointText,
  headLine,
  headText,
  isTrustedCheckpoint,
  isTrustedHead,
  readCheckpoint,
  readHead,
  type Checkpoint,
} from './checkpoint.ts';

const key = createAuditKey(new Uint8Array(32).fill(1));
const checkpoint: Checkpoint = {
  number: 3n,
  seq: 1_234n,
  linkHash: 'ab'.repeat(32),
  atMicros: 1_767_323_045_678_000n,
  previous: 'cd'.repeat(32),
  publicKey: key.publicKey,
};
const signed = { ...checkpoint, signature: key.sign(checkpointText(checkpoint)) };
const trusted = new Set([key.publicKey]);

describe('a checkpoint', () => {
  test('is seven lines, which its hash, its anchor and its signature are made of', () => {
    expect(checkpointText(checkpoint)).toBe(
      `jigeum audit checkpoint 1\n3\n1234\n${'ab'.repeat(32)}\n1767323045678000\n${'cd'.repeat(32)}\n8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c`,
    );
    expect(anchorIdOf(checkpoint)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(checkpointHash(checkpoint).startsWith(anchorIdOf(checkpoint).slice(0, 8))).toBe(true);
  });

  test('is read back from its anchor and from its line', () => {
    expect(readCheckpoint(anchorText(signed))).toEqual(signed);
    expect(readCheckpoint(checkpointLine(signed))).toEqual(signed);
    expect(isTrustedCheckpoint(signed, trusted)).toBe(true);
  });

  test('of another key is not trusted, nor one of which a field was changed', () => {
    const other = createAuditKey(new Uint8Array(32).fill(2));
    const forged = { ...checkpoint, publicKey: other.publicKey };
    expect(isTrustedCheckpoint({ ...forged, signature: other.sign(checkpointText(forged)) }, trusted)).toBe(false);
    for (const change of [
      { number: 4n },
      { seq: 1_235n },
      { linkHash: 'ac'.repeat(32) },
      { atMicros: 0n },
      { previous: 'ce'.repeat(32) },
      { signature: signed.signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
    ])
      expect(isTrustedCheckpoint({ ...signed, ...change }, trusted)).toBe(false);
  });

  test.each([
    '',
    'jigeum audit head 1',
    anchorText(signed).slice(1),
    `${anchorText(signed)}0`,
    `${anchorText(signed)}\n`,
  ])('is not read from anything else: %#', (text) => expect(readCheckpoint(text)).toBeNull());

  test.skipIf(!hasOpenssl())('has a signature that OpenSSL verifies without any code of ours', () => {
    const folder = mkdtempSync(join(tmpdir(), 'jigeum-audit-'));
    try {
      const file = (name: string, content: string | Buffer) => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      };
      const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key.publicKey, 'hex')]);
      const pem = createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ format: 'pem', type: 'spki' });
      const said = execFileSync('openssl', [
        ...['pkeyutl', '-verify', '-pubin', '-inkey', file('key.pem', pem), '-rawin'],
        ...['-in', file('text', checkpointText(checkpoint))],
        ...['-sigfile', file('signature', Buffer.from(signed.signature, 'hex'))],
      ]);
      expect(said.toString()).toContain('Signature Verified Successfully');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a head', () => {
  const head = { seq: 7n, linkHash: 'ef'.repeat(32), atMicros: 1n, publicKey: key.publicKey };
  const signedHead = { ...head, signature: key.sign(headText(head)) };

  test('is read back from its line, and is trusted as it is and in no other form', () => {
    expect(readHead(headLine(signedHead))).toEqual(signedHead);
    expect(isTrustedHead(signedHead, trusted)).toBe(true);
    expect(isTrustedHead({ ...signedHead, seq: 8n }, trusted)).toBe(false);
    expect(readHead(checkpointLine(signed))).toBeNull();
  });
});

test.each([
  ['a key that is none', '00', '00'.repeat(64)],
  ['a signature that is none', key.publicKey, ''],
  ['bytes that are no point of the curve', 'ff'.repeat(32), '00'.repeat(64)],
])('%s has signed nothing', (_what, publicKey, signature) => {
  expect(isSignedBy(publicKey, 'text', signature)).toBe(false);
});

function hasOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).toString().startsWith('OpenSSL 3');
  } catch {
    // Not installed here.
    return false;
  }
}
