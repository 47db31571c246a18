/**
 * Known defects, each of which some check must find. A change names text that stands exactly once in its file: where the code has
 * moved on, the run fails and the mutant is brought up to date here.
 */
export interface Mutant {
  name: string;
  /** The rule that it breaks. The check that finds it may be another one's. */
  breaks: string;
  /** What somebody might do in good faith. */
  what: string;
  changes?: readonly { file: string; find: string; replace: string }[];
  /** Where it shows; in the worlds unless given. */
  scenario?: 'gas-drain';
  /** Run after the migrations: mostly what the database would refuse otherwise. */
  sql?: string;
}

const SERVER = 'apps/server/src/';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'hold-without-check',
    breaks: 'INV-08',
    what: 'a payment is accepted and held without looking what is there, and the table lets it',
    changes: [
      {
        file: `${SERVER}transfers/payment-rules.ts`,
        find: "if (facts.available < order.amount) throw new AppError('balance-too-low');",
        replace: '',
      },
      {
        file: `${SERVER}transfers/store/ledger.ts`,
        find: ' and b.available >= h.amount',
        replace: '',
      },
    ],
    sql: 'alter table balances drop constraint balances_available_check',
  },
  {
    name: 'nonce-used-again',
    breaks: 'INV-04',
    what: 'every fifth transaction of a wallet takes the nonce of the one before',
    changes: [
      {
        file: `${SERVER}transfers/outbox.ts`,
        find: 'const nonce = safeNumber(wallet.next_nonce);',
        replace:
          'const nonce = safeNumber(wallet.next_nonce % 5n === 4n ? wallet.next_nonce - 1n : wallet.next_nonce);',
      },
    ],
  },
  {
    name: 'answer-after-its-effect',
    breaks: 'INV-09',
    what: 'the answer of a key is stored in a transaction of its own, after the payment',
    changes: [
      {
        file: `${SERVER}transfers/request-transfer.ts`,
        find: 'const { results, memberIds } = await inTrx(deps, async (trx) => {',
        replace:
          'let late: { call: IdempotentCall; answer: StoredAnswer }[] = [];\n  const { results, memberIds } = await inTrx(deps, async (trx) => {',
      },
      {
        file: `${SERVER}transfers/request-transfer.ts`,
        find: 'if (accepted.length > 0) await storeAnswers(deps, trx, accepted);',
        replace: 'late = accepted;',
      },
      {
        file: `${SERVER}transfers/request-transfer.ts`,
        find: "await failpoint('F02-after-accept-commit');",
        replace: 'if (late.length > 0) await storeAnswers(deps, deps.db as never, late);',
      },
    ],
  },
  {
    name: 'answer-nowhere',
    breaks: 'INV-04',
    what: 'the key neither names the payment nor keeps an answer: who asks again pays again',
    changes: [
      {
        file: `${SERVER}transfers/request-transfer.ts`,
        find: 'if (accepted.length > 0) await storeAnswers(deps, trx, accepted);',
        replace: '',
      },
      {
        file: `${SERVER}transfers/request-transfer.ts`,
        find: 'payment: { transferId: call.key,',
        replace: 'payment: { transferId: deps.ids.uuid(deps.clock.nowMs()),',
      },
    ],
  },
  {
    name: 'posts-what-is-pending',
    breaks: 'INV-25',
    what: 'a transaction that the node knows counts as final',
    changes: [
      {
        file: `${SERVER}transfers/confirm-job.ts`,
        find: "if (outcome.kind === 'final') return [{ outboxId: row.id, kind: 'mined', block: outcome }];",
        replace:
          "if (outcome.kind === 'final') return [{ outboxId: row.id, kind: 'mined', block: outcome }];\n  if (outcome.kind === 'pending') return [{ outboxId: row.id, kind: 'mined', block: { kind: 'final', isSuccess: true, errorCode: null, blockNumber: 1, blockHash: '0x', fee: 0n, contract: '0x' } }];",
      },
    ],
  },
  {
    name: 'silence-is-failure',
    breaks: 'INV-06',
    what: 'a broadcast that got no answer gives the money back',
    changes: [
      {
        file: `${SERVER}transfers/submit-job.ts`,
        find: 'await inTrx(deps, (trx) => outboxRows.recordAttempts(trx, attempts, now));',
        replace:
          "await inTrx(deps, (trx) => outboxRows.recordAttempts(trx, attempts, now));\n  await (await import('./post-ends.ts')).postEnds(deps as never, { chargesAreDone: async () => [] }, { ends: sent.filter(({ outcome }) => outcome.kind === 'unknown').map(({ row }) => ({ outboxId: row.id, kind: 'mined', block: { kind: 'final', isSuccess: false, errorCode: 0, blockNumber: 1, blockHash: '0x', fee: 0n, contract: null } })), signal: new AbortController().signal });",
      },
    ],
  },
  {
    name: 'absence-is-proof',
    breaks: 'INV-06',
    what: 'a hash that no node knows at this moment counts as one that can never be mined',
    changes: [
      {
        file: `${SERVER}transfers/confirm-job.ts`,
        find: 'return { row, isProven: own.isProven && cancel.isProven, finalNonce: own.finalNonce };',
        replace: 'return { row, isProven: cancel !== null, finalNonce: own.finalNonce };',
      },
      {
        file: `${SERVER}transfers/confirm-job.ts`,
        find: 'nowMs - firstAtMs.get(row.id)! >= PROOF_APART_MS',
        replace: 'nowMs >= 0',
      },
    ],
  },
  {
    name: 'grants-twice',
    breaks: 'INV-10',
    what: 'a shortfall is granted once more',
    changes: [
      {
        file: `${SERVER}transfers/grant-gas.ts`,
        find: 'const results = await recordGrants(deps, trx, short);',
        replace: 'await recordGrants(deps, trx, short);\n  const results = await recordGrants(deps, trx, short);',
      },
    ],
    sql: 'alter table gas_grants drop constraint gas_grants_for_source_key',
  },
  {
    name: 'coin-granted-is-counted-twice',
    breaks: 'INV-03',
    what: 'a shortfall that was granted to one payment also counts as free coin of its wallet',
    changes: [
      {
        file: `${SERVER}transfers/post-ends.ts`,
        find: "if (grant.state === 'final' && grant.reason !== 'shortfall')",
        replace: "if (grant.state === 'final')",
      },
    ],
  },
  {
    name: 'returns-twice',
    breaks: 'INV-03',
    what: 'a transfer that the chain refuses gives its amount back twice',
    changes: [
      {
        file: `${SERVER}transfers/post-ends.ts`,
        find: '{ held: -amount, available: isPaid ? 0n : amount }',
        replace: '{ held: -amount, available: isPaid ? 0n : amount * 2n }',
      },
    ],
  },
  {
    name: 'gas-not-returned',
    breaks: 'INV-03',
    what: 'what a failed transaction did not cost is not given back to the gas account',
    changes: [
      {
        file: `${SERVER}transfers/post-ends.ts`,
        find: 'return { gas: unused, foreignNonce: null };',
        replace: 'return { gas: 0n, foreignNonce: null };',
      },
    ],
  },
  {
    name: 'posts-twice',
    breaks: 'INV-04',
    what: 'a row is posted without looking whether another process has done it',
    changes: [
      {
        file: `${SERVER}transfers/store/outbox.ts`,
        find: "and state in ('signed', 'broadcast') order by id for update skip locked",
        replace: 'order by id for update skip locked',
      },
    ],
  },
  {
    name: 'end-is-no-end',
    breaks: 'INV-06',
    what: 'the answer to a late broadcast overwrites a row that has ended',
    changes: [
      {
        file: `${SERVER}transfers/store/outbox.ts`,
        find: "where id = any(${column('id')}::uuid[]) and state in ('signed', 'broadcast')\n      order by id for update\n",
        replace: "where id = any(${column('id')}::uuid[])\n      order by id for update\n",
      },
      {
        file: `${SERVER}transfers/store/outbox.ts`,
        find: "where o.id = locked.id and o.state in ('signed', 'broadcast')\n",
        replace: 'where o.id = locked.id\n',
      },
    ],
    sql: 'drop trigger chain_outbox_end_state on chain_outbox; alter table chain_outbox drop constraint chain_outbox_end_check',
  },
  {
    name: 'believes-another-hash',
    breaks: 'INV-06',
    what: 'outcomes are taken in another order than they were asked for',
    changes: [
      {
        file: `${SERVER}transfers/confirm-job.ts`,
        find: 'outcome: outcomes[index]!, cancel: ofCancel',
        replace: 'outcome: outcomes[0]!, cancel: ofCancel',
      },
    ],
  },
  {
    name: 'entry-out-of-balance',
    breaks: 'INV-02',
    what: 'the payee is posted one unit more than the payer',
    changes: [
      {
        file: `${SERVER}transfers/store/ledger.ts`,
        find: '(2, e.to_wallet_id, e.amount))',
        replace: '(2, e.to_wallet_id, e.amount + 1))',
      },
    ],
    sql: 'drop trigger journal_entry_balances on journal_postings',
  },
  {
    name: 'journal-may-change',
    breaks: 'INV-02',
    what: 'the application may change what is posted',
    sql: 'grant update on journal_postings to jigeum_app',
  },
  {
    name: 'burn-posted-as-mint',
    breaks: 'INV-01',
    what: 'a burn is posted in the wrong direction',
    changes: [
      {
        file: `${SERVER}transfers/post-ends.ts`,
        find: "fromWalletId: kind === 'burn' ? row.wallet_id : null,\n      toWalletId: kind === 'burn' ? null : row.wallet_id,",
        replace: 'fromWalletId: null,\n      toWalletId: row.wallet_id,',
      },
    ],
  },
  {
    name: 'mint-only-on-the-chain',
    breaks: 'INV-01',
    what: 'a mint is neither posted nor given to the reserve',
    changes: [
      {
        file: `${SERVER}transfers/post-ends.ts`,
        find: "if (kind === 'create' || kind === 'mint') changeBalance",
        replace: "if (kind === 'mint') return;\n  if (kind === 'create') changeBalance",
      },
    ],
  },
  {
    name: 'answers-before-the-commit',
    breaks: 'INV-05',
    what: 'a commit that got no answer is taken for done',
    changes: [
      {
        file: `${SERVER}platform/db.ts`,
        find: 'let hasReturned = false;',
        replace: 'let hasReturned = false;\n    let done: T | undefined;',
      },
      {
        file: `${SERVER}platform/db.ts`,
        find: 'const value = await work(trx);',
        replace: 'const value = await work(trx);\n          done = value;',
      },
      {
        file: `${SERVER}platform/db.ts`,
        find: 'if (hasReturned && !isAnswered)',
        replace: 'if (hasReturned && !isAnswered) return done as T;\n      if (hasReturned && !isAnswered)',
      },
    ],
  },
  {
    name: 'gives-up',
    breaks: 'INV-05',
    what: 'a transaction is sent twice and then left alone',
    changes: [
      {
        file: `${SERVER}transfers/store/outbox.ts`,
        find: "where d.state in ('signed', 'broadcast') and d.next_attempt_at",
        replace: "where d.state in ('signed', 'broadcast') and d.attempts < 2 and d.next_attempt_at",
      },
    ],
  },
  {
    name: 'skips-a-nonce',
    breaks: 'INV-07',
    what: 'now and then a nonce is taken and nothing is signed with it',
    changes: [
      {
        file: `${SERVER}transfers/store/wallets.ts`,
        find: 'set next_nonce = w.next_nonce + t.count, gas_available',
        replace: 'set next_nonce = w.next_nonce + t.count + (w.next_nonce % 7 = 6)::int, gas_available',
      },
    ],
  },
  {
    name: 'key-for-any-body',
    breaks: 'INV-09',
    what: 'the body of a request is not compared with the one that the key was used for',
    changes: [
      {
        file: `${SERVER}platform/idempotency.ts`,
        find: "if (!found.isSameBody) throw new AppError('idempotency-key-reused');",
        replace: '',
      },
    ],
  },
  {
    name: 'any-amount',
    breaks: 'INV-21',
    what: 'an amount of zero or below is taken',
    changes: [
      {
        file: `${SERVER}transfers/payment-rules.ts`,
        find: "if (order.amount <= 0n) throw new AppError('amount-out-of-range', { detail: 'Expected an amount above zero.' });",
        replace: '',
      },
    ],
    sql: 'alter table transfers drop constraint transfers_amount_check',
  },
  {
    name: 'charge-paid-twice',
    breaks: 'INV-19',
    what: 'the tokens of a charge are sent without looking whether they are on their way',
    changes: [
      {
        file: `${SERVER}charges/store.ts`,
        find: "and not exists (select from transfers t where t.charge_id = c.id and t.state in ('accepted', 'final'))",
        replace: '',
      },
      {
        file: `${SERVER}charges/store.ts`,
        find: 'return live.rows.length === 0;',
        replace: 'return true;',
      },
    ],
    sql: 'drop index transfers_charge',
  },
  {
    name: 'deposit-believed-unasked',
    breaks: 'INV-19',
    what: 'a notice is believed although the bank says something else',
    changes: [
      {
        file: `${SERVER}charges/receive-notice.ts`,
        find: "answer.kind === 'absent' || !isSameDeposit(answer.deposit, notice)",
        replace: "answer.kind === 'absent'",
      },
      {
        file: `${SERVER}charges/receive-notice.ts`,
        find: 'deposit: answer.deposit }',
        replace: 'deposit: { ...answer.deposit, amountWon: notice.amountWon } }',
      },
    ],
  },
  {
    name: 'frozen-wallet-signs',
    breaks: 'INV-11',
    what: 'a freeze is not looked at before signing, nor when the bytes are stored',
    changes: [
      {
        file: `${SERVER}protection/refuse-stopped.ts`,
        find: 'if (stop !== null) throw',
        replace: 'if (stop === null && trx === null) throw',
      },
    ],
    sql: 'drop trigger chain_outbox_stopped on chain_outbox',
  },
  {
    name: 'old-database-signs',
    breaks: 'INV-27',
    what: 'a database from a backup is used although the chain has gone on',
    changes: [
      {
        file: `${SERVER}reconcile/quarantine.ts`,
        find: 'if (found !== null) await enterQuarantine(',
        replace: 'if (found === "") await enterQuarantine(',
      },
    ],
  },
  {
    name: 'no-budget-for-all',
    breaks: 'INV-10',
    what: 'what all wallets were granted on a day is not looked at',
    scenario: 'gas-drain',
    changes: [
      {
        file: `${SERVER}transfers/gas-policy.ts`,
        find: "if (inAll + amount > limits.day) return 'day';",
        replace: '',
      },
    ],
  },
  {
    name: 'no-budget-for-one',
    breaks: 'INV-10',
    what: 'what one member was granted on a day is not looked at',
    scenario: 'gas-drain',
    changes: [
      {
        file: `${SERVER}transfers/gas-policy.ts`,
        find: "if (kind === 'member' && own > limits.memberDay) return 'member-day';",
        replace: '',
      },
    ],
  },
  {
    name: 'no-alarm-for-the-budget',
    breaks: 'INV-10',
    what: 'nobody is told that the budget of the day is used up',
    scenario: 'gas-drain',
    changes: [
      {
        file: `${SERVER}transfers/watch-gas.ts`,
        find: 'if (view.grantedToday + refill > view.dayBudget) {',
        replace: 'if (view.grantedToday > 2n * view.dayBudget) {',
      },
    ],
  },
  {
    name: 'pays-oneself',
    breaks: 'INV-10',
    what: 'a member may look themselves up and pay themselves',
    scenario: 'gas-drain',
    changes: [
      {
        file: `${SERVER}transfers/payees.ts`,
        find: "if (member.id === memberId) throw new AppError('payee-is-payer');",
        replace: '',
      },
      {
        file: `${SERVER}transfers/payment-rules.ts`,
        find: "if (memberId === input.payerMemberId) throw new AppError('payee-is-payer');",
        replace: '',
      },
    ],
    sql: 'alter table payees drop constraint payees_check',
  },
];
