/** Issue bar: the server is killed at random points between accept and final; each accepted payment happens exactly once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { ApiProblem, ApiUnknown } from '@jigeum/api';
import { seededIds } from '@jigeum/std';
import { createPerson, newKey, type Person } from '../../apps/cli/src/person.ts';
import { startInstance, type TestInstance } from '../instance.ts';

const KILLS = 20;
const PAY_WON = 1_000n;
/** From the request's start to a little after the next block. */
const KILL_WITHIN_MS = 1_600;
const SEED = 'kill-server-1';

describe('a server that is killed while payments are on their way', () => {
  let instance: TestInstance;
  let owner: pg.Client;
  let payer: Person;
  let payee: Person;

  beforeAll(async () => {
    instance = await startInstance();
    owner = await instance.connectOwner();
    const facts = { birthDate: '900101', sexDigit: '1', passphrase: 'a long passphrase here', pin: '190725' };
    payer = createPerson(instance.places, { ...facts, name: '박차고', phone: '01022220001', memberId: 'sender' });
    payee = createPerson(instance.places, { ...facts, name: '최받고', phone: '01022220002', memberId: 'receiver' });
    await payer.join();
    await payee.join();
    await payer.charge(500_000n);
  });

  afterAll(async () => {
    await owner?.end();
    await instance?.stop();
  });

  test(`executes every accepted payment once over ${KILLS} kills, loses none, and never says that one failed`, async () => {
    const random = seededIds(SEED);
    const accepted: string[] = [];
    const unanswered: string[] = [];
    const shown = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const delayMs = (new DataView(random.bytes(4).buffer).getUint32(0) / 2 ** 32) * KILL_WITHIN_MS;
      const pid = await instance.pidOf('server');
      const transferId = newKey();
      const ended = new Promise<void>((resolve) =>
        setTimeout(() => {
          process.kill(pid, 'SIGKILL');
          resolve();
        }, delayMs),
      );
      const answer = payer.pay('receiver', PAY_WON, { transferId }).then(
        (transfer) => {
          shown.add(transfer.state);
          accepted.push(transferId);
        },
        (error: unknown) => {
          // No answer: it may have been accepted. Anything else is a defect.
          if (!(error instanceof ApiUnknown)) throw error;
          unanswered.push(transferId);
        },
      );
      await Promise.all([ended, answer]);
      await untilServing(payer);
      for (const id of accepted) shown.add((await payer.api.call('getTransfer', { params: { transferId: id } })).state);
    }

    const outcomes = new Map<string, string>();
    for (const transferId of [...accepted, ...unanswered]) {
      try {
        const transfer = await payer.untilFinal(transferId, 60_000);
        outcomes.set(transferId, transfer.state);
        shown.add(transfer.state);
      } catch (error) {
        if (!(error instanceof ApiProblem && error.problem.code === 'not-found')) throw error;
        outcomes.set(transferId, 'never accepted');
      }
    }

    expect(accepted.map((id) => outcomes.get(id))).toEqual(accepted.map(() => 'final'));
    expect([...shown].filter((state) => state === 'returned')).toEqual([]);
    const executed = [...outcomes.values()].filter((state) => state === 'final').length;
    expect(executed + [...outcomes.values()].filter((state) => state === 'never accepted').length).toBe(KILLS);
    const expectedWon = PAY_WON * BigInt(executed);
    expect(await payee.balance()).toEqual({ available: expectedWon, held: 0n, incoming: 0n });
    expect(await payer.balance()).toEqual({ available: 500_000n - expectedWon, held: 0n, incoming: 0n });
    expect(await chainWon(instance, owner, 'receiver')).toBe(expectedWon);
    console.log(
      `kills ${KILLS}: ${accepted.length} accepted, ${unanswered.length} unanswered, ${executed} executed (seed ${SEED})`,
    );
  });
});

/** The new server answers, and the member is logged in. A killed server's sessions live on in the database. */
async function untilServing(person: Person): Promise<void> {
  for (;;) {
    try {
      const { session } = await person.api.call('me', {});
      if (session.isUnlocked) return;
      await person.logIn();
    } catch (error) {
      if (!(error instanceof ApiUnknown)) throw error;
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }
}

async function chainWon(instance: TestInstance, owner: pg.Client, memberId: string): Promise<bigint> {
  const { rows } = await owner.query<{ address: string; contract: string }>(
    `select w.address, t.contract from wallets w join members m on m.id = w.member_id, tokens t where m.member_id = $1 and t.symbol = 'EST'`,
    [memberId],
  );
  const response = await fetch(instance.places.nodeUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'sct_getContractAccount',
      params: [rows[0]!.contract, rows[0]!.address, 'latest'],
    }),
  });
  const { result } = (await response.json()) as { result: { balance: string } };
  return BigInt(result.balance) / 10n ** 18n;
}
