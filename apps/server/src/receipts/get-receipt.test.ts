import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIssuer, decodeReceiptFile, verifyReceipt, type Issuer } from '@jigeum/receipt';
import { ChainUnreachable } from '@jigeum/chain';
import { fromHex0x } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestMember, type TestPlatform } from '../transfers/testing.ts';
import { getReceipt } from './get-receipt.ts';
import { openReceiptIssuer } from './issuer.ts';
import { receiptKeys } from './keys.ts';

let platform: TestPlatform;
let payer: TestMember;
let payee: TestMember;
let issuer: Issuer;
let transferId: string;
const folder = mkdtempSync(join(tmpdir(), 'jigeum-receipts-'));

beforeAll(async () => {
  platform = await startTestPlatform();
  payer = await platform.join('receiptpayer');
  payee = await platform.join('receiptpayee');
  await platform.fund(payer, 1_000n * 10n ** 18n);
  issuer = await issuerOf('ab'.repeat(32));
  transferId = await platform.pay(payer, payee, 12n * 10n ** 18n);
  await platform.settle();
});
afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true });
});

/** The server's issuer after a start with this key. */
async function issuerOf(digits: string): Promise<Issuer> {
  const receiptKeyFile = join(folder, digits.slice(0, 4));
  writeFileSync(receiptKeyFile, `${digits}\n`);
  chmodSync(receiptKeyFile, 0o400);
  return (await openReceiptIssuer({ ...platform.deps, config: { ...platform.deps.config, receiptKeyFile } }))!;
}

const receiptFor = (member: TestMember, id = transferId, by: Issuer | null = issuer) =>
  getReceipt(platform.deps, by, { transferId: id, memberId: member.id });

/** What a stranger says who has the file and the public list of keys, and nothing else. */
async function verdictOf(file: string) {
  const keys = await receiptKeys(platform.deps, issuer);
  return verifyReceipt(new TextEncoder().encode(file), {
    chainId: keys.chainId,
    issuerKeyIds: keys.issuerKeys.map(({ keyId }) => keyId),
    sealerKeyHashes: keys.sealers.map(({ keyHash }) => keyHash),
  });
}

describe('the receipt of a final transfer', () => {
  it('is the same bytes for payer and payee, however often they ask, and verifies with the public keys alone', async () => {
    const { file } = await receiptFor(payer);
    expect((await receiptFor(payee)).file).toBe(file);
    expect((await receiptFor(payer)).file).toBe(file);
    expect((await verdictOf(file)).kind).toBe('valid');
    const { receipt } = decodeReceiptFile(new TextEncoder().encode(file));
    expect(receipt).toMatchObject({
      transferId,
      payer: payer.address,
      payee: payee.address,
      amount: { base: '12000000000000000000', words: '12 EST' },
      issuer: { keyId: issuer.keyId },
      token: { contract: await platform.contract(), decimals: 18, symbol: 'EST' },
    });
  });

  it('holds no name, member ID, phone or memo; both members are shown what opens the memo', async () => {
    const id = await platform.pay(payer, payee, 1n);
    await platform.settle();
    const { file, memo } = await receiptFor(payee, id);
    for (const secret of [payer.memberId, payee.memberId, payer.id, payee.id, payer.maskedName, '010-****', memo.salt])
      expect(file).not.toContain(secret);
    expect(await receiptFor(payer, id)).toEqual({ file, memo });
    const opened = verifyReceipt(
      new TextEncoder().encode(file),
      { issuerKeyIds: [], sealerKeyHashes: [] },
      { text: memo.text, salt: fromHex0x(memo.salt) },
    );
    expect(opened.steps.at(-1)).toMatchObject({ name: 'memo', outcome: 'passed' });
  });

  it('is made once, whoever asks at the same time', async () => {
    const id = await platform.pay(payer, payee, 2n);
    await platform.settle();
    const files = await Promise.all(
      Array.from({ length: 12 }, (_unused, index) => receiptFor(index % 2 === 0 ? payer : payee, id)),
    );
    expect(new Set(files.map(({ file, memo }) => `${file} ${memo.salt}`)).size).toBe(1);
  });

  it('of a charge is there for the member who got it', async () => {
    const { rows } = await sql<{ id: string }>`
      select id from transfers where kind = 'charge' and payee_wallet_id = ${payer.walletId}
    `.execute(platform.deps.db);
    const { file } = await receiptFor(payer, rows[0]!.id);
    expect((await verdictOf(file)).kind).toBe('valid');
  });

  it('is not shown to strangers', async () => {
    const stranger = await platform.join('receiptstranger');
    await expect(receiptFor(stranger)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('cannot be changed or deleted by the application', async () => {
    await receiptFor(payer);
    for (const statement of [
      sql`update receipts set file = file where transfer_id = ${transferId}`,
      sql`delete from receipts`,
      sql`update receipt_issuer_keys set first_used_at = now()`,
      sql`delete from receipt_sealers`,
    ])
      await expect(statement.execute(platform.deps.db)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('there is no receipt', () => {
  it('of a transfer that is under way', async () => {
    const id = await platform.pay(payer, payee, 3n);
    await expect(receiptFor(payer, id)).rejects.toMatchObject({ code: 'receipt-not-ready' });
    await platform.settle();
    await expect(receiptFor(payer, id)).resolves.toBeDefined();
  });

  it('while the node does not answer, and none is invented; afterwards there is one', async () => {
    const id = await platform.pay(payer, payee, 4n);
    await platform.settle();
    const silent = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        transactionProof: () => Promise.reject(new ChainUnreachable('no answer')),
      },
    };
    await expect(getReceipt(silent, issuer, { transferId: id, memberId: payer.id })).rejects.toMatchObject({
      code: 'receipt-unavailable',
    });
    await expect(receiptFor(payer, id)).resolves.toBeDefined();
  });

  it('where the node proves another transaction, even if it insists', async () => {
    const [asked, other] = [await platform.pay(payer, payee, 5n), await platform.pay(payer, payee, 6n)];
    await platform.settle();
    const { rows } = await sql<{ hash: Buffer }>`
      select hash from chain_outbox where purpose = 'transfer' and source_id = ${other}
    `.execute(platform.deps.db);
    const lying = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        transactionProof: () => platform.deps.chain.transactionProof(`0x${rows[0]!.hash.toString('hex')}`),
      },
    };
    await expect(getReceipt(lying, issuer, { transferId: asked, memberId: payer.id })).rejects.toThrow(
      /Expected the chain to prove transfer/,
    );
  });

  it('where no key is configured', async () => {
    const id = await platform.pay(payer, payee, 7n);
    await platform.settle();
    await expect(receiptFor(payer, id, null)).rejects.toMatchObject({ code: 'receipt-unavailable' });
  });
});

describe('an exchanged key', () => {
  it('signs new receipts; old ones keep their bytes and still verify', async () => {
    const { file: old } = await receiptFor(payer);
    const next = await issuerOf('cd'.repeat(32));
    expect((await receiptFor(payer, transferId, next)).file).toBe(old);
    const id = await platform.pay(payer, payee, 8n);
    await platform.settle();
    const { file } = await receiptFor(payer, id, next);
    expect((await verdictOf(file)).kind).toBe('valid');
    expect((await verdictOf(old)).kind).toBe('valid');
    const keys = await receiptKeys(platform.deps, next);
    expect(keys.issuerKeys.map(({ keyId, isCurrent }) => [keyId, isCurrent])).toEqual(
      expect.arrayContaining([
        [issuer.keyId, false],
        [next.keyId, true],
      ]),
    );
  });

  it('that was used before is in the list once', async () => {
    const again = await issuerOf('ab'.repeat(32));
    expect(again.keyId).toBe(createIssuer(Buffer.from('ab'.repeat(32), 'hex')).keyId);
    const { issuerKeys } = await receiptKeys(platform.deps, again);
    expect(issuerKeys.filter(({ keyId }) => keyId === again.keyId)).toHaveLength(1);
  });
});

// Last, because the platform of this file cannot settle any more.
it('a transfer that came back never has a receipt', async () => {
  const id = await platform.pay(payer, payee, 9n);
  await sql`update transfers set state = 'reverted', final_at = now() where id = ${id}`.execute(platform.deps.db);
  await expect(receiptFor(payer, id)).rejects.toMatchObject({ code: 'receipt-not-ready' });
});
