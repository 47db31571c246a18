import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const page = readFileSync(new URL('../../../../docs/protocol/payment-receipt.md', import.meta.url), 'utf8');
const valueOf = (name: string): string => new RegExp(`^${name} = (.*)$`, 'm').exec(page)![1]!;

const folder = mkdtempSync(join(tmpdir(), 'jigeum-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function save(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const text = valueOf('file');
const { issuer, sealer } = (JSON.parse(text) as { receipt: { issuer: { keyId: string }; sealer: { keyHash: string } } })
  .receipt;
const receipt = save('receipt.json', text);
const keys = ['--issuer-key', valueOf('issuer-public-key'), '--sealer-key', sealer.keyHash];

function run(...args: string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'verify', ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('jigeum verify', () => {
  it('says each step of a valid receipt in words, and what it states', () => {
    const { code, out, err } = run(receipt, ...keys);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.match(/^ok {4}/gm)).toHaveLength(10);
    expect(out).toContain('12,000 EST');
    expect(out.trimEnd().endsWith('This receipt is valid.')).toBe(true);
    expect(run(receipt, ...keys, '--korean').out).toContain('이 영수증은 진짜예요.');
  });

  it('takes keys from files, by id, and from the saved list of the server', () => {
    const list = { chainId: '7777', issuerKeys: [{ keyId: issuer.keyId }], sealers: [{ keyHash: sealer.keyHash }] };
    expect(run(receipt, '--keys', save('keys.json', JSON.stringify(list))).out).toContain('This receipt is valid.');
    const files = ['--issuer-key', save('issuer', `${issuer.keyId}\n`), '--sealer-key', save('sealer', sealer.keyHash)];
    expect(run(receipt, ...files).out).toContain('This receipt is valid.');
  });

  it('warns where nobody has said whose keys count', () => {
    const { code, out } = run(receipt);
    expect(code).toBe(2);
    expect(out).toContain('WARNING: nothing in the file is wrong, but a key was not compared');
    expect(out).not.toContain('This receipt is valid');
  });

  it('ends with status 1 for a changed file and for other keys, and names the step', () => {
    const changed = run(save('changed.json', text.replace('12,000 EST', '13,000 EST')), ...keys);
    expect(changed.code).toBe(1);
    expect(changed.out).toContain(
      "FAIL  The issuer's signature is wrong: the receipt was changed after it was issued.",
    );
    expect(changed.out).toContain('This receipt is NOT valid.');
    const other = run(receipt, '--sealer-key', '11'.repeat(20));
    expect(other.code).toBe(1);
    expect(other.out).toContain('FAIL  The block was not sealed by one that you trust.');
  });

  it('checks a memo that was shown, and only with its salt', () => {
    const salt = '04'.repeat(32);
    expect(run(receipt, ...keys, '--memo', '점심', '--salt', salt)).toMatchObject({ code: 0 });
    expect(run(receipt, ...keys, '--memo', '저녁', '--salt', salt)).toMatchObject({ code: 1 });
    expect(run(receipt, '--memo', '점심')).toMatchObject({ code: 1, out: '' });
  });

  it('refuses in one sentence what it cannot do', () => {
    for (const args of [[], ['no-such-file'], [receipt, '--issuer-key', 'abc'], [receipt, '--keys', receipt]]) {
      const { code, out, err } = run(...args);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).not.toContain('    at ');
      expect(err).not.toBe('');
    }
  });
});
