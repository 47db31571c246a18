/** Statements over what was found, and over the correction that takes over the chain's fact. */
import { sql } from 'kysely';
import type { Db, Place, Trx } from '#platform';

export interface FindingRow {
  id: string;
  wallet_id: string;
  address: string;
  member_id: string | null;
  token_id: string;
  symbol: string;
  decimals: number;
  contract: string;
  ledger: bigint;
  chain: bigint;
  block_number: bigint;
  last_entry_id: string | null;
  unknown_hashes: string[];
  found_at: Date;
  decision: 'resume' | 'adopt' | null;
  decided_at: Date | null;
  reason: string | null;
}

const columns = sql`
  f.id, f.wallet_id, w.address, m.member_id, f.token_id, t.symbol, t.decimals, t.contract, f.ledger, f.chain,
  f.block_number, f.last_entry_id, f.unknown_hashes, f.found_at, f.decision, f.decided_at, f.reason
`;
const joins = sql`
  join wallets w on w.id = f.wallet_id join tokens t on t.id = f.token_id left join members m on m.id = w.member_id
`;

/** Corrections are made one after the other, each from what the one before has left. The number is this lock's name. */
export async function lockCorrections(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(4, 12)`.execute(trx);
}

/** False where a finding of this wallet and token is open. */
export async function insertFinding(
  trx: Trx,
  finding: {
    id: string;
    walletId: string;
    tokenId: string;
    ledger: bigint;
    chain: bigint;
    block: number;
    lastEntryId: string | null;
    unknownHashes: readonly string[];
    at: Date;
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into reconcile_findings (id, wallet_id, token_id, ledger, chain, block_number, last_entry_id, unknown_hashes, found_at)
    values (${finding.id}, ${finding.walletId}, ${finding.tokenId}, ${finding.ledger}, ${finding.chain}, ${finding.block},
            ${finding.lastEntryId}, ${[...finding.unknownHashes]}::text[], ${finding.at})
    on conflict (wallet_id, token_id) where decision is null do nothing returning id
  `.execute(trx);
  return rows.length === 1;
}

/** The difference that an operator has decided to live with; undefined where there is none. */
export async function toleratedDifference(
  db: Db,
  input: { walletId: string; tokenId: string },
): Promise<bigint | undefined> {
  const { rows } = await sql<{ difference: bigint; decision: string }>`
    select chain - ledger as difference, decision from reconcile_findings
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId} and decision is not null
    order by decided_at desc limit 1
  `.execute(db);
  return rows[0]?.decision === 'resume' ? rows[0].difference : undefined;
}

export async function findingById(db: Db, id: string): Promise<FindingRow | undefined> {
  const { rows } = await sql<FindingRow>`
    select ${columns} from reconcile_findings f ${joins} where f.id = ${id}
  `.execute(db);
  return rows[0];
}

export async function findings(
  db: Db,
  input: { isOpenOnly: boolean; after: Place | undefined; limit: number },
): Promise<FindingRow[]> {
  const { rows } = await sql<FindingRow>`
    select ${columns} from reconcile_findings f ${joins}
    where (not ${input.isOpenOnly} or f.decision is null)
      ${input.after === undefined ? sql`` : sql`and (f.found_at, f.id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by f.found_at desc, f.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

/** False where it was decided before. */
export async function decideFinding(
  trx: Trx,
  input: { id: string; decision: 'resume' | 'adopt'; by: string; reason: string; at: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update reconcile_findings
    set decision = ${input.decision}, decided_by = ${input.by}, reason = ${input.reason}, decided_at = ${input.at}
    where id = ${input.id} and decision is null
  `.execute(trx);
  return numAffectedRows === 1n;
}

export async function openFindingId(
  trx: Trx,
  input: { walletId: string; tokenId: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from reconcile_findings
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId} and decision is null
  `.execute(trx);
  return rows[0]?.id;
}

/** How many findings are open, of all wallets and of one. */
export async function openFindings(trx: Trx, walletId: string): Promise<{ all: bigint; ofWallet: bigint }> {
  const { rows } = await sql<{ all: bigint; of_wallet: bigint }>`
    select count(*) as all, count(*) filter (where wallet_id = ${walletId}) as of_wallet
    from reconcile_findings where decision is null
  `.execute(trx);
  return { all: rows[0]!.all, ofWallet: rows[0]!.of_wallet };
}

/** A decision on a finding closes its alarm. */
export async function resolveAlarmOf(trx: Trx, input: { subject: string; reason: string; at: Date }): Promise<void> {
  await sql`
    update alarms set resolved_at = ${input.at}, resolved_by = 'operator', resolve_reason = ${input.reason}
    where kind = 'ledger-differs' and subject = ${input.subject} and resolved_at is null
  `.execute(trx);
}

export async function resolveAlarmsOfQuarantine(trx: Trx, input: { reason: string; at: Date }): Promise<void> {
  await sql`
    update alarms set resolved_at = ${input.at}, resolved_by = 'operator', resolve_reason = ${input.reason}
    where kind = 'quarantine' and resolved_at is null
  `.execute(trx);
}
