/** Every page of docs/operating that says what to do in trouble, carried out as it is written, in that trouble. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPerson, type Person } from '../../apps/cli/src/person.ts';
import { randomIds } from '@jigeum/std';
import { generatePrivateKey, keyHash } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { startCluster, type Cluster } from '../cluster/cluster.ts';
import { newAddress } from '../cluster/folder.ts';
import { sendBeside } from '../cluster/sign-beside.ts';
import { until } from '../cluster/until.ts';
import { newFolder, startInstance, type TestInstance } from '../instance.ts';
import { answers, carryOut, readSteps } from './runbook.ts';

const facts = (memberId: string, phone: string, birthDate: string) => ({
  ...{ name: '김운영', phone, birthDate, sexDigit: '1', memberId },
  ...{ passphrase: 'a walk through the pages', pin: '704152' },
});

describe('a reader of pages', () => {
  test('takes commands with their answers, and what happens meanwhile, in the order of the page', () => {
    const page = [
      '1. See.',
      '   ```sh wait',
      '   npm run jigeum -- alarms',
      '   ```',
      '   ```text',
      '   …alarm   …',
      '   ```',
      '<!-- walk: it is back -->',
      '```sh fails',
      'npm run jigeum -- reconcile',
      '```',
    ].join('\n');
    expect(readSteps(page)).toEqual([
      { kind: 'command', line: 'npm run jigeum -- alarms', mode: 'wait', answer: ['…alarm   …'] },
      { kind: 'walk', what: 'it is back' },
      { kind: 'command', line: 'npm run jigeum -- reconcile', mode: 'fails', answer: [] },
    ]);
  });

  test('holds an answer to the words of the page and to their order', () => {
    const output = 'node-lost  chain\n  alarm   7\n  detail  The node does not answer.';
    expect(answers(output, ['node-lost  chain', '…detail  The node …'])).toBe(true);
    expect(answers(output, ['…detail  The node …', 'node-lost  chain'])).toBe(false);
    expect(answers(output, ['node-lost'])).toBe(false);
  });
});

describe('on an instance of its own', () => {
  let dataDir: string;
  let instance: TestInstance;
  let payer: Person;
  let payee: Person;

  beforeAll(async () => {
    dataDir = newFolder('jigeum-runbooks-');
    instance = await startInstance({ dataDir });
    payer = createPerson(instance.places, facts('walker', '01055550001', '900101'));
    payee = createPerson(instance.places, facts('stander', '01055550002', '910202'));
    for (const person of [payer, payee]) await person.join();
    await payer.charge(50_000n);
  });
  afterAll(async () => {
    await instance.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const walk = (world: Record<string, () => Promise<void>>) => ({ place: { data: dataDir }, cwd: dataDir, world });

  /** Stops the node without ending it: it is there and does not answer. */
  async function withoutNode(work: (giveBack: () => Promise<void>) => Promise<void>): Promise<void> {
    const pid = await instance.pidOf('node');
    process.kill(pid, 'SIGSTOP');
    try {
      await work(() => {
        process.kill(pid, 'SIGCONT');
        return Promise.resolve();
      });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  async function closeAlarms(): Promise<void> {
    const owner = await instance.connectOwner();
    await owner.query(
      "update alarms set resolved_at = now(), resolved_by = 'operator', resolve_reason = 'a test' where resolved_at is null",
    );
    await owner.end();
  }

  test('node-lost.md', async () => {
    await withoutNode(async (giveBack) => {
      const { transferId } = await payer.pay('stander', 1_000n);
      await carryOut('node-lost.md', walk({ 'the node is back': giveBack }));
      await payer.untilFinal(transferId, 60_000);
    });
    await closeAlarms();
  });

  test('stuck-payment.md', async () => {
    await withoutNode(async (giveBack) => {
      const { transferId } = await payer.pay('stander', 1_000n);
      await carryOut('stuck-payment.md', walk({ 'the cause is gone': giveBack }));
      await payer.untilFinal(transferId, 60_000);
    });
    await closeAlarms();
  });

  test('mismatch-alarm.md', async () => {
    const owner = await instance.connectOwner();
    const before = await payee.balance();
    await owner.query(
      `update balances set available = available + 5000000000000000000
       where wallet_id = (select w.id from wallets w join members m on m.id = w.member_id where m.member_id = 'stander')`,
    );
    await owner.end();
    await carryOut('mismatch-alarm.md', walk({}));
    expect(await payee.balance()).toEqual(before);
    const { transferId } = await payer.pay('stander', 1_000n);
    await payer.untilFinal(transferId, 60_000);
    await closeAlarms();
  });

  test('database-restored.md', async () => {
    const before = await payer.balance();
    await carryOut(
      'database-restored.md',
      walk({
        async 'life goes on, then the platform is stopped'() {
          const first = await payer.pay('stander', 2_000n);
          await payer.untilFinal(first.transferId, 60_000);
          await payee.charge(7_000n);
          const second = await payee.pay('walker', 500n);
          await payee.untilFinal(second.transferId, 60_000);
          await instance.stop();
        },
        async 'the platform is started'() {
          instance = await startInstance({ dataDir });
          payer = createPerson(instance.places, payer.facts);
          await payer.logIn();
          await expect(payer.pay('stander', 1n)).rejects.toThrow('outflow-stopped');
        },
        async 'payments work'() {
          expect((await payer.balance()).available).toBe(before.available - 2_000n + 500n);
          const { transferId } = await payer.pay('stander', 100n);
          await payer.untilFinal(transferId, 60_000);
        },
      }),
    );
  });
});

describe('where somebody outside holds coin', () => {
  let cluster: Cluster;
  const privateKey = generatePrivateKey(randomIds);
  const outsider = { address: newAddress(randomIds), privateKey };
  /** More payments than the treasury has coin for. */
  const FLOOR = '200000000';

  beforeAll(async () => {
    cluster = await startCluster({
      ...{ replicas: 1, people: 2, gas: 'own' },
      serverEnv: { GAS_TREASURY_FLOOR_PAYMENTS: FLOOR },
      citizens: [
        {
          address: outsider.address,
          keyHash: keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3),
          hug: 5_000_000n * 10n ** 18n,
        },
      ],
    });
  });
  afterAll(() => cluster.stop());

  test('treasury-empty.md', async () => {
    const treasury = async () => {
      const { rows } = await cluster.owner.query<{ address: string; gas_available: string }>(
        "select address, gas_available from wallets where kind = 'treasury'",
      );
      return { address: rows[0]!.address, gas: BigInt(rows[0]!.gas_available) };
    };
    const before = await treasury();
    await carryOut('treasury-empty.md', {
      place: { url: cluster.urls[0]!, tokenFile: cluster.folder.secrets.operatorToken },
      cwd: cluster.folder.path,
      world: {
        async 'coin is sent'() {
          const amount = 4_000_000n * 10n ** 18n;
          await sendBeside(cluster.node.rpcUrl, {
            person: outsider,
            intent: { kind: 'native', to: before.address, amount },
          });
        },
        async 'grants go on'() {
          await until('the treasury to be filled', async () => (await treasury()).gas > before.gas || undefined);
        },
      },
    });
  });
});
