/** Looks at the committed rows while a world lives: what has ended stays as it is, and the ledger adds up at every moment. */
import type { Scene } from '../scene.ts';
import { expectRule } from '../violation.ts';

interface OutboxRow {
  id: string;
  state: string;
  hash: string;
  block: string | null;
  fee: string | null;
  purpose: string;
  raw: string;
}

export interface LeftRow {
  what: string;
  id: string;
  state: string;
}

const ENDED = new Set(['final', 'reverted', 'superseded']);

/** Rows that break a rule of the ledger; none is the only good answer. */
const LEDGER = `
  with posted as (
    select wallet_id, token_id, sum(amount) as amount from journal_postings where wallet_id is not null group by 1, 2
  ), promised as (
    select wallet_id, token_id, sum(amount) as amount from (
      select payer_wallet_id as wallet_id, token_id, amount from transfers where state = 'accepted'
      union all
      select w.id, o.token_id, o.amount from token_operations o cross join wallets w
      where o.kind = 'burn' and o.state = 'accepted' and w.kind = 'reserve'
    ) p group by 1, 2
  )
  select 'INV-02' as rule, 'entry ' || entry_id || ' adds up to ' || sum(amount) as text from journal_postings
  group by entry_id, token_id having sum(amount) <> 0
  union all
  select 'INV-08', b.wallet_id || ' has ' || b.available || ' and holds ' || b.held
  from balances b where b.available < 0 or b.held < 0
  union all
  select 'INV-03', coalesce(b.wallet_id, p.wallet_id) || ' has ' || coalesce(b.available, 0) || ' and ' || coalesce(b.held, 0) ||
         ', posted ' || coalesce(p.amount, 0)
  from balances b full join posted p using (wallet_id, token_id)
  where coalesce(b.available, 0) + coalesce(b.held, 0) <> coalesce(p.amount, 0)
  union all
  select 'INV-08', coalesce(b.wallet_id, h.wallet_id) || ' holds ' || coalesce(b.held, 0) || ', promised ' || coalesce(h.amount, 0)
  from balances b full join promised h using (wallet_id, token_id)
  where coalesce(b.held, 0) <> coalesce(h.amount, 0)
  union all
  select 'INV-25', e.source_kind || ' ' || e.source_id || ' is posted and its transaction is ' || coalesce(o.state, 'not there')
  from journal_entries e left join chain_outbox o on o.source_id = e.source_id and o.purpose = e.source_kind
  where o.state is distinct from 'final'
  union all
  select 'INV-04', t.id || ' is final and has ' || count(e.id) || ' entries' from transfers t
  left join journal_entries e on e.source_kind = 'transfer' and e.source_id = t.id
  where t.state = 'final' group by t.id having count(e.id) <> 1
  union all
  select 'INV-07', w.id || ' has next nonce ' || w.next_nonce || ' and ' || count(o.id) || ' rows up to ' || coalesce(max(o.nonce), -1)
  from wallets w left join chain_outbox o on o.wallet_id = w.id
  group by w.id, w.next_nonce having count(distinct o.nonce) <> w.next_nonce or coalesce(max(o.nonce), -1) <> w.next_nonce - 1`;

export class Watch {
  readonly #world: Scene;
  readonly #ended = new Map<string, string>();

  constructor(world: Scene) {
    this.#world = world;
  }

  /** Checks, and tells what has not ended. */
  look(): LeftRow[] {
    const { wire, node } = this.#world.surroundings;
    expectRule(node.conflict === undefined, 'INV-04', () => `two transactions were sent for ${node.conflict}`);
    const [broken] = wire.rows<{ rule: string; text: string }>(LEDGER);
    expectRule(broken === undefined, broken?.rule ?? '', () => broken!.text);
    const rows = wire.rows<OutboxRow>(`
      select id, state, encode(hash, 'hex') as hash, block_number::text as block, fee::text as fee, purpose,
             md5(raw) || ' ' || source_id || ' ' || nonce as raw
      from chain_outbox order by id`);
    for (const row of rows) {
      if (!ENDED.has(row.state)) continue;
      this.#unchanged('outbox row', row);
      const executed = node.state.executed.get(row.hash);
      if (row.state === 'superseded') {
        expectRule(executed === undefined, 'INV-06', () => `outbox row ${row.id} is superseded and on the chain`);
        continue;
      }
      expectRule(
        executed !== undefined,
        'INV-25',
        () => `outbox row ${row.id} is ${row.state} and not final on the chain`,
      );
      expectRule(
        executed.isSuccess === (row.state === 'final') &&
          String(executed.blockNumber) === row.block &&
          String(executed.fee) === row.fee,
        'INV-06',
        () =>
          `outbox row ${row.id} is ${row.state} in block ${row.block}, the chain says ${executed.isSuccess} in ${executed.blockNumber}`,
      );
    }
    const sources = wire.rows<LeftRow>(`
      select 'transfer' as what, id, state from transfers union all
      select 'gas grant', id, state from gas_grants union all
      select 'token operation', id, state from token_operations order by 1, 2`);
    for (const row of sources) if (ENDED.has(row.state)) this.#unchanged(row.what, row);
    return [
      ...rows.filter(({ state }) => !ENDED.has(state)).map(({ purpose, id, state }) => ({ what: purpose, id, state })),
      ...sources.filter(({ state }) => !ENDED.has(state)),
    ];
  }

  #unchanged(what: string, row: { id: string }): void {
    const now = JSON.stringify(row);
    const before = this.#ended.get(row.id);
    expectRule(
      before === undefined || before === now,
      'INV-06',
      () => `the ${what} ${row.id} had ended and has changed: ${before} to ${now}`,
    );
    this.#ended.set(row.id, now);
  }
}
