/** What must be true once everything has ended: promises against effects, the ledger against the chain, grants against budgets. */
import { isAccepted, isRefused } from '../people/told.ts';
import type { Scene } from '../scene.ts';
import { expectRule } from '../violation.ts';
import { ERROR, type Executed } from '../chain/state.ts';

interface TransferRow {
  id: string;
  state: string;
  amount: string;
  kind: string;
  payer: string;
  payee: string;
}

/** Throws at the first broken rule. */
export function checkEnd(world: Scene): void {
  checkPayments(world);
  checkCharges(world);
  checkNonces(world);
  checkChain(world);
  checkGas(world);
  checkStops(world);
  checkRights(world);
}

/** Effects on the chain against what people asked for and were told, and against the rows (INV-04, INV-05, INV-06, INV-09). */
function checkPayments(world: Scene): void {
  const { wire } = world.surroundings;
  const transfers = new Map(
    wire
      .rows<TransferRow>(
        `select t.id, t.state, t.amount::text as amount, t.kind, payer.address as payer, payee.address as payee from transfers t
         join wallets payer on payer.id = t.payer_wallet_id join wallets payee on payee.id = t.payee_wallet_id`,
      )
      .map((row) => [row.id, row]),
  );
  const effects = tokenEffects(world);
  const asked = new Map(world.told.payments.map((payment) => [payment.amount, payment]));
  for (const payment of world.told.payments) {
    const row = transfers.get(payment.key);
    const own = effects.filter(({ amount }) => amount === payment.amount);
    const done = own.filter(({ executed }) => executed.isSuccess);
    expectRule(done.length <= 1, 'INV-04', () => `payment ${payment.key} happened ${done.length} times`);
    if (isAccepted(payment))
      expectRule(row !== undefined, 'INV-05', () => `payment ${payment.key} was accepted and is nowhere`);
    if (isRefused(payment))
      expectRule(
        row === undefined && own.length === 0,
        'INV-09',
        () => `payment ${payment.key} was refused and is there`,
      );
    if (payment.isForbidden)
      expectRule(row === undefined && own.length === 0, 'INV-21', () => `payment ${payment.key} must never be`);
    if (row === undefined) {
      expectRule(own.length === 0, 'INV-04', () => `payment ${payment.key} is on the chain and has no row`);
      continue;
    }
    expectRule(
      row.state === 'final' || row.state === 'reverted' || row.state === 'superseded',
      'INV-05',
      () => `payment ${payment.key} is still ${row.state}`,
    );
    expectRule(
      (row.state === 'final') === (done.length === 1),
      'INV-06',
      () => `payment ${payment.key} is ${row.state}, and on the chain ${done.length} times`,
    );
    expectRule(
      BigInt(row.amount) === payment.amount &&
        row.payer === payment.payer.address &&
        row.payee === payment.payee.address &&
        own.every(({ from, to }) => from === row.payer && to === row.payee),
      'INV-04',
      () => `payment ${payment.key} went elsewhere`,
    );
  }
  for (const { from, amount, executed } of effects) {
    if (from === world.platform.reserve) continue;
    expectRule(
      asked.has(amount),
      'INV-04',
      () => `${executed.transaction.hash} moves ${amount}, which nobody asked for`,
    );
    // Held before it was signed: the chain can only refuse it for a pause.
    expectRule(
      executed.isSuccess || executed.errorCode === ERROR.paused,
      'INV-08',
      () => `${executed.transaction.hash} moves ${amount} that its sender does not have`,
    );
  }
}

/** Tokens from the reserve against money that came to the bank (INV-19). */
function checkCharges(world: Scene): void {
  const effects = tokenEffects(world).filter(
    ({ from, executed }) => from === world.platform.reserve && executed.isSuccess,
  );
  const { deposits } = world.surroundings.bank;
  const paidIn = new Map([...deposits.values()].map((deposit) => [deposit.amountWon, deposit]));
  for (const { amount, executed } of effects) {
    const isSetup = world.platform.chain.state.executed.has(executed.transaction.hash);
    expectRule(isSetup || paidIn.has(amount), 'INV-19', () => `${amount} left the reserve and nobody paid it in`);
  }
  for (const charge of world.told.charges) {
    const count = effects.filter(({ amount }) => amount === charge.amountWon).length;
    expectRule(count <= 1, 'INV-19', () => `charge ${charge.key} was paid out ${count} times`);
    const [row] = world.surroundings.wire.rows<{ state: string }>(
      `select state from charges where id = '${charge.key}'`,
    );
    expectRule(
      (row?.state === 'done') === (count === 1),
      'INV-19',
      () => `charge ${charge.key} is ${row?.state}, paid out ${count} times`,
    );
  }
}

/** One set of bytes for each nonce, and no nonce left out (INV-04, INV-07). */
function checkNonces(world: Scene): void {
  const { node, wire } = world.surroundings;
  const wallets = wire.rows<{ address: string; next_nonce: number }>(`select address, next_nonce::int from wallets`);
  for (const { address, next_nonce: next } of wallets) {
    const account = node.state.accounts.get(address);
    expectRule(
      account?.nonce === next,
      'INV-07',
      () => `${address} is at nonce ${account?.nonce}, the database at ${next}`,
    );
  }
}

/** The ledger against the chain, for every wallet and for the whole (INV-01, INV-03). */
function checkChain(world: Scene): void {
  const { node, wire } = world.surroundings;
  for (const token of node.state.tokens.values()) {
    const sum = [...token.balances.values()].reduce((total, balance) => total + balance, 0n);
    const issued = node.state.issued.get(token.contract);
    expectRule(
      sum === token.supply && sum === issued,
      'INV-01',
      () => `balances add up to ${sum}, supply ${token.supply}, issued ${issued}`,
    );
  }
  const { contract, id } = world.platform.token;
  const token = node.state.tokens.get(contract)!;
  const [posted] = wire.rows<{ issued: string }>(
    `select (-sum(amount))::text as issued from journal_postings where wallet_id is null and token_id = '${id}'`,
  );
  expectRule(
    BigInt(posted!.issued) === token.supply,
    'INV-01',
    () => `posted ${posted!.issued} as issued, the chain has ${token.supply}`,
  );
  const rows = wire.rows<{ address: string; available: string; held: string; gas: string }>(`
    select w.address, coalesce(b.available, 0)::text as available, coalesce(b.held, 0)::text as held, w.gas_available::text as gas
    from wallets w left join balances b on b.wallet_id = w.id and b.token_id = '${id}'`);
  for (const { address, available, held, gas } of rows) {
    const balance = token.balances.get(address) ?? 0n;
    expectRule(
      held === '0' && BigInt(available) === balance,
      'INV-03',
      () => `${address} has ${available} and ${held}, the chain says ${balance}`,
    );
    const coin = node.state.accounts.get(address)!.native;
    expectRule(BigInt(gas) === coin, 'INV-03', () => `${address} has ${gas} of gas, the chain says ${coin}`);
  }
}

/** One grant for each shortfall, as much on the chain as in the rows, and none of it sent on (INV-10). */
function checkGas(world: Scene): void {
  const { node, wire } = world.surroundings;
  for (const { transaction } of node.state.executed.values())
    expectRule(
      transaction.intent.kind !== 'native' || transaction.from === world.platform.treasury,
      'INV-10',
      () => `${transaction.from} sends native coin`,
    );
  const rows = wire.rows<{ address: string; granted: string }>(`
    select w.address, sum(g.amount)::text as granted from gas_grants g join wallets w on w.id = g.wallet_id
    where g.state = 'final' group by 1`);
  const granted = new Map(rows.map((row) => [row.address, BigInt(row.granted)]));
  const received = new Map<string, bigint>();
  for (const { transaction, isSuccess } of node.state.executed.values()) {
    const { intent } = transaction;
    if (intent.kind === 'native' && isSuccess) received.set(intent.to, (received.get(intent.to) ?? 0n) + intent.amount);
  }
  for (const [address, amount] of received)
    expectRule(
      granted.get(address) === amount,
      'INV-10',
      () => `${address} received ${amount}, granted ${granted.get(address)}`,
    );
  const [twice] = wire.rows<{ for_source: string }>(
    `select for_source from gas_grants where for_source is not null group by 1 having count(*) > 1`,
  );
  expectRule(twice === undefined, 'INV-10', () => `two grants for ${twice!.for_source}`);
}

/** Nothing is signed once a freeze or a stop has answered (INV-11). A stop of the platform lets the audit log and a pause through. */
function checkStops(world: Scene): void {
  for (const { walletId, fromMs, untilMs } of world.told.stops) {
    const stopped =
      walletId === null
        ? `purpose <> 'anchor'
           and not exists (select from token_operations t where t.id = o.source_id and t.kind = 'pause')`
        : `wallet_id = '${walletId}'`;
    const rows = world.surroundings.wire.rows<{ id: string; hash: string }>(`
      select o.id, encode(o.hash, 'hex') as hash from chain_outbox o where ${stopped}
        and o.created_at > '${new Date(fromMs).toISOString()}' and o.created_at < '${new Date(untilMs).toISOString()}'`);
    // The clock of the set-up showed the same times.
    const row = rows.find(({ hash }) => !world.platform.chain.state.executed.has(hash));
    expectRule(
      row === undefined,
      'INV-11',
      () => `outbox row ${row!.id} was signed while ${walletId ?? 'the platform'} was stopped`,
    );
  }
}

/** The application has no right to change what is posted (INV-02). */
function checkRights(world: Scene): void {
  const { wire } = world.surroundings;
  for (const text of [
    'update journal_postings set amount = amount',
    'delete from journal_postings',
    'delete from journal_entries',
    'truncate journal_entries cascade',
    'delete from transfers',
    'delete from chain_outbox',
  ]) {
    const answer = wire.run(text).toString('latin1');
    expectRule(answer.includes('42501'), 'INV-02', () => `the application may run: ${text}`);
  }
}

function tokenEffects(world: Scene): { from: string; to: string; amount: bigint; executed: Executed }[] {
  const setup = world.platform.chain.state.executed;
  return [...world.surroundings.node.state.executed.values()].flatMap((executed) => {
    const { intent, from, hash } = executed.transaction;
    return intent.kind === 'transfer' && !setup.has(hash)
      ? [{ from, to: intent.to, amount: intent.amount, executed }]
      : [];
  });
}
