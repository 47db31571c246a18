/**
 * `jigeum demo`: the main job without a browser, on a throw-away instance. Two people join, one charges 50,000 won and
 * pays 12,000 to the other, whose wallet holds no native coin at all; the other pays 3,000 back. Every figure is then
 * checked three ways: the API's answer, the ledger's rows, the chain's state.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@jigeum/std';
import {
  baseGas,
  dataGas,
  decodeSct20,
  decodeSctCall,
  decodeTransaction,
  GAS_PRICE_HUG,
  sctGas,
} from '@jigeum/symverse';
import pg from 'pg';
import { readCliConfig } from '../config.ts';
import { startInstance, type Instance } from '../embedded/instance.ts';
import { createPerson, type Person } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage: npm run demo -- [--keep]

Shows the first payment on a throw-away instance and checks every figure. Ends with status 1 at the first difference.
--keep  leave the data folder of the throw-away instance and say where it is`;

/** The paper's Table 2: what a token transfer costs before its data bytes. */
const TABLE2_TRANSFER_GAS = 56_000n;
const EST = 10n ** 18n;
const CHARGE_WON = 50_000n;
const PAY_WON = 12_000n;
const BACK_WON = 3_000n;

export async function demoCommand(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const config = readCliConfig();
  const dataDir = mkdtempSync(join(config.tmpDir, 'jigeum-demo-'));
  // When root runs us, the unprivileged user of PostgreSQL passes through; what is secret lies in folders of its own.
  chmodSync(dataDir, 0o755);
  const begun = systemClock.monotonicMs();
  console.log('Jigeum demo: a throw-away instance starts …');
  const instance = await startInstance({
    config,
    dataDir,
    port: 0,
    blockMs: 1000,
    hasWeb: false,
    // No native coin in advance: the payee's wallet is to be empty when it pays for the first time.
    serverEnv: { GAS_PREFUND: 'off' },
    say: (sentence) => console.log(`    ${sentence}`),
  });
  const stopAtSignal = (): void => void instance.stop().then(() => process.exit(130));
  process.once('SIGINT', stopAtSignal);
  process.once('SIGTERM', stopAtSignal);
  const owner = new pg.Client({
    host: instance.ownerDatabase.host,
    user: instance.ownerDatabase.user,
    database: instance.ownerDatabase.database,
    password: readFileSync(instance.ownerDatabase.passwordFile, 'utf8').trim(),
  });
  try {
    await owner.connect();
    await play(instance, owner);
    console.log(`\nEverything agrees. ${((systemClock.monotonicMs() - begun) / 1000).toFixed(1)} s in all.`);
  } finally {
    await owner.end();
    await instance.stop();
    if (values.keep) console.log(`The data folder is kept: ${dataDir}`);
    else rmSync(dataDir, { recursive: true, force: true });
  }
}

async function play(instance: Instance, owner: pg.Client): Promise<void> {
  const started = systemClock.monotonicMs();
  const step = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    const startedAt = systemClock.monotonicMs();
    const result = await act();
    console.log(`  ✓ ${what.padEnd(66)} ${((systemClock.monotonicMs() - startedAt) / 1000).toFixed(2).padStart(6)} s`);
    return result;
  };
  const payer = createPerson(instance.places, {
    ...{ name: '김보냄', phone: '01011110001', birthDate: '900101', sexDigit: '2' },
    ...{ memberId: 'payer', passphrase: 'first demo passphrase', pin: '190725' },
  });
  const payee = createPerson(instance.places, {
    ...{ name: '이받음', phone: '01011110002', birthDate: '880808', sexDigit: '1' },
    ...{ memberId: 'payee', passphrase: 'second demo passphrase', pin: '280416' },
  });
  console.log('');
  await step('the payer joins: real-name check, wallet, SymID', () => payer.join());
  await step('the payee joins', () => payee.join());
  await step(`the payer charges ${CHARGE_WON} won: deposit code, bank notice, tokens`, () => payer.charge(CHARGE_WON));
  await step("the payee's wallet holds no native coin", async () => {
    equal('native coin of the payee', await nativeBalance(instance, await symIdOf(owner, payee)), 0n);
  });
  const paid = await step(`the payer pays ${PAY_WON} won to the payee`, async () =>
    payAndWait(payer, 'payee', PAY_WON),
  );
  const back = await step(`the payee pays ${BACK_WON} won back, from a wallet without gas`, async () =>
    payAndWait(payee, 'payer', BACK_WON),
  );
  console.log('');
  await step('balances: API, ledger and chain agree', async () => {
    for (const [person, won] of [
      [payer, CHARGE_WON - PAY_WON + BACK_WON],
      [payee, PAY_WON - BACK_WON],
    ] as const) {
      const balance = await person.balance();
      equal(`available to ${person.facts.memberId} by the API`, balance.available, won);
      equal(`held of ${person.facts.memberId}`, balance.held, 0n);
      equal(`incoming to ${person.facts.memberId}`, balance.incoming, 0n);
      const symId = await symIdOf(owner, person);
      equal(`tokens of ${person.facts.memberId} by the ledger`, await ledgerBalance(owner, symId), won * EST);
      equal(`tokens of ${person.facts.memberId} on the chain`, await tokenBalance(instance, owner, symId), won * EST);
    }
  });
  await step('gas: each transfer cost what the formula and the paper say', async () => {
    for (const transferId of [paid, back]) await checkGas(instance, owner, transferId);
  });
  await step('supply: what all hold is what was created, on the chain and in the ledger', () =>
    checkSupply(instance, owner),
  );
  console.log(`\n  ${((systemClock.monotonicMs() - started) / 1000).toFixed(1)} s after start-up`);
}

async function payAndWait(person: Person, memberId: string, won: bigint): Promise<string> {
  const { transferId } = await person.pay(memberId, won);
  const transfer = await person.untilFinal(transferId);
  equal(`state of transfer ${transferId}`, transfer.state, 'final');
  return transferId;
}

function equal<T>(what: string, got: T, expected: T): void {
  if (got !== expected) throw new Refusal(`Difference: ${what} should be ${String(expected)} and is ${String(got)}.`);
}

async function rpc<T>(instance: Instance, method: string, params: unknown[]): Promise<T> {
  const response = await fetch(instance.places.nodeUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: T; error?: { message: string } };
  if (answer.error !== undefined) throw new Refusal(`The work node refused ${method}: ${answer.error.message}`);
  return answer.result as T;
}

const nativeBalance = async (instance: Instance, symId: string): Promise<bigint> =>
  BigInt(await rpc<string>(instance, 'sym_getBalance', [symId, 'latest']));

async function tokenBalance(instance: Instance, owner: pg.Client, symId: string): Promise<bigint> {
  const { balance } = await rpc<{ balance: string }>(instance, 'sct_getContractAccount', [
    await contractOf(owner),
    symId,
    'latest',
  ]);
  return BigInt(balance);
}

async function one<T extends pg.QueryResultRow>(owner: pg.Client, sql: string, values: unknown[]): Promise<T> {
  const { rows } = await owner.query<T>(sql, values);
  if (rows[0] === undefined) throw new Refusal(`Difference: expected a row and found none: ${sql}`);
  return rows[0];
}

const contractOf = async (owner: pg.Client): Promise<string> =>
  (await one<{ contract: string }>(owner, "select contract from tokens where symbol = 'EST'", [])).contract;

async function symIdOf(owner: pg.Client, person: Person): Promise<string> {
  const sql = 'select w.address from wallets w join members m on m.id = w.member_id where m.member_id = $1';
  return (await one<{ address: string }>(owner, sql, [person.facts.memberId])).address;
}

async function ledgerBalance(owner: pg.Client, symId: string): Promise<bigint> {
  const sql = `select coalesce(sum(p.amount), 0)::text as amount from wallets w
    left join journal_postings p on p.wallet_id = w.id where w.address = $1`;
  return BigInt((await one<{ amount: string }>(owner, sql, [symId])).amount);
}

/** Gas used by the receipt = base + 680 and 40 a byte + operation, read again from the signed bytes. */
async function checkGas(instance: Instance, owner: pg.Client, transferId: string): Promise<void> {
  const row = await one<{ raw: Buffer; hash: string }>(
    owner,
    "select raw, '0x' || encode(hash, 'hex') as hash from chain_outbox where purpose = 'transfer' and source_id = $1",
    [transferId],
  );
  const transaction = decodeTransaction(new Uint8Array(row.raw));
  const call = decodeSct20(transaction.input);
  equal('method of the call', call.method, 'transfer');
  const beforeData = baseGas(transaction.to) + sctGas(decodeSctCall(transaction.input));
  equal("base and operation gas, by the paper's Table 2", beforeData, TABLE2_TRANSFER_GAS);
  const receipt = await rpc<{ gasUsed: string; status: string }>(instance, 'sym_getTransactionReceipt', [row.hash]);
  equal(`status of ${row.hash}`, receipt.status, '0x1');
  const expected = beforeData + dataGas(transaction.input);
  equal(`gas used by ${row.hash}`, BigInt(receipt.gasUsed), expected);
  const fee = await one<{ fee: string }>(
    owner,
    "select fee::text from chain_outbox where purpose = 'transfer' and source_id = $1",
    [transferId],
  );
  equal('fee in the ledger of fees', BigInt(fee.fee), expected * GAS_PRICE_HUG);
}

async function checkSupply(instance: Instance, owner: pg.Client): Promise<void> {
  const contract = await contractOf(owner);
  const { total } = await rpc<{ total: string }>(instance, 'sct_getContract', [contract, 'latest']);
  const { rows } = await owner.query<{ address: string }>('select address from wallets where address is not null');
  let held = 0n;
  for (const { address } of rows) held += await tokenBalance(instance, owner, address);
  equal('tokens of all wallets on the chain', held, BigInt(total));
  const ledger = await one<{ held: string; issued: string; everything: string }>(
    owner,
    `select coalesce(sum(amount) filter (where wallet_id is not null), 0)::text as held,
            coalesce(-sum(amount) filter (where wallet_id is null), 0)::text as issued,
            coalesce(sum(amount), 0)::text as everything from journal_postings`,
    [],
  );
  equal('tokens of all wallets in the ledger', BigInt(ledger.held), BigInt(total));
  equal('tokens issued in the ledger', BigInt(ledger.issued), BigInt(total));
  equal('sum of all postings', BigInt(ledger.everything), 0n);
}
