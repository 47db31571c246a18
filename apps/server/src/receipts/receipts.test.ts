import { fromHex0x } from '@jigeum/std';
import { decodeSct20, decodeTransaction, recoverSigner, transactionHash } from '@jigeum/symverse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestMember, type TestPlatform } from '../transfers/testing.ts';
import { receiptVerification } from './verification.ts';

let platform: TestPlatform;
let payer: TestMember;
let payee: TestMember;
beforeAll(async () => {
  platform = await startTestPlatform();
  payer = await platform.join('prover');
  payee = await platform.join('provee');
  await platform.fund(payer, 100n);
});
afterAll(() => platform.stop());

describe('the proof of a transfer', () => {
  it('holds bytes that anybody can hash, whose signer is the payer and whose call pays the payee', async () => {
    const transferId = await platform.pay(payer, payee, 40n);
    await expect(receiptVerification(platform.deps, { transferId, memberId: payer.id })).rejects.toMatchObject({
      code: 'not-found',
    });
    await platform.settle();
    const proof = await receiptVerification(platform.deps, { transferId, memberId: payee.id });
    const raw = fromHex0x(proof.rawTransaction);
    const transaction = decodeTransaction(raw);
    expect(`0x${Buffer.from(transactionHash(raw)).toString('hex')}`).toBe(proof.transactionHash);
    expect(decodeSct20(transaction.input)).toEqual({ method: 'transfer', to: payee.address, amount: 40n });
    const signer = `0x${Buffer.from(recoverSigner(transaction, BigInt(proof.chainId))).toString('hex')}`;
    expect((await platform.deps.chain.identity(payer.address))!.keyHash).toBe(signer);
    const shown = await platform.deps.chain.transaction(proof.transactionHash);
    expect(shown!.outcome).toMatchObject({
      kind: 'final',
      isSuccess: true,
      blockNumber: proof.blockNumber,
      blockHash: proof.blockHash,
      fee: BigInt(proof.feeHug),
    });
    expect(proof).toMatchObject({ from: payer.address, to: payee.address, amount: 40n });
    expect(proof.scannerPath).toBe(`/scan/transactions/${proof.transactionHash}`);
  });

  it('is shown to payer and payee only', async () => {
    const transferId = await platform.pay(payer, payee, 1n);
    await platform.settle();
    const stranger = await platform.join('curious');
    await expect(receiptVerification(platform.deps, { transferId, memberId: stranger.id })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
