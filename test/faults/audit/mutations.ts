/**
 * What somebody who owns the database, and has no key of the platform, can do to the audit log. Each mutation changes what
 * is stored; whatever an attacker can compute without a key (hashes of links, a signature of his own key) he computes.
 */
import { createHash } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import { createAuditKey } from '../../../apps/server/src/audit/audit-key.ts';
import { checkpointHash, checkpointText, type Checkpoint } from '../../../apps/server/src/audit/checkpoint.ts';
import { GENESIS_HASH, linkHash } from '../../../apps/server/src/audit/link.ts';
import * as store from '../../../apps/server/src/audit/store.ts';
import type { Trx } from '../../../apps/server/src/platform/index.ts';
import type { Random } from '../../fuzz/random.ts';

export interface Mutation {
  name: string;
  /** Changes the log. Returns what was done, and the row that a finding has to name where it can be told. */
  run(trx: Trx, random: Random): Promise<{ did: string; rowId?: string }>;
}

interface Row {
  id: string;
  seq: bigint;
}

/** A linked row somewhere in the log, sometimes at its ends. */
async function someRow(trx: Trx, random: Random): Promise<Row> {
  const last = await lastSeq(trx);
  const seq = random.oneIn(20) ? 1n : random.oneIn(20) ? last : BigInt(random.between(1, Number(last)));
  const { rows } = await sql<Row>`select row_id as id, seq from audit_links where seq = ${seq}`.execute(trx);
  return rows[0]!;
}

async function lastSeq(trx: Trx): Promise<bigint> {
  const { rows } = await sql<{ last: bigint }>`select max(seq) as last from audit_links`.execute(trx);
  return rows[0]!.last;
}

/** Another byte in place of one byte of a text, so that it stays what its column can hold. */
function otherText(random: Random, text: string, alphabet: string): string {
  if (text === '') return random.pick([...alphabet]);
  const at = random.below(text.length);
  const others = [...alphabet].filter((letter) => letter !== text[at]);
  return text.slice(0, at) + random.pick(others) + text.slice(at + 1);
}

function otherBytes(random: Random, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy[random.below(copy.length)]! ^= random.between(1, 255);
  return copy;
}

const HEX = '0123456789abcdef';
const PRINTABLE = 'abcxyzABC019 :.-_{}"\n';

const rowFields: Record<string, (trx: Trx, random: Random, id: string) => Promise<RawBuilder<unknown>>> = {
  actor: async (trx, random, id) => sql`actor = ${otherText(random, await text(trx, id, 'actor'), PRINTABLE)}`,
  act: async (trx, random, id) => sql`act = ${otherText(random, await text(trx, id, 'act'), PRINTABLE)}`,
  facts: async (trx, random, id) => sql`facts = ${otherText(random, await text(trx, id, 'facts'), PRINTABLE)}`,
  request: async (trx, random, id) => sql`request = ${otherText(random, await text(trx, id, 'request'), HEX)}`,
  subject: async (_trx, random) => sql`subject = case when subject is null or ${random.oneIn(3)} then
      case when subject is null then gen_random_uuid() end else overlay(subject::text placing
      case substr(subject::text, 8, 1) when 'a' then 'b' else 'a' end from 8 for 1)::uuid end`,
  at: async (_trx, random) =>
    random.oneIn(10)
      ? sql`at = 'infinity'`
      : sql`at = at + ${random.pick(['1 microsecond', '-1 microsecond', '1 day', '-1 year'])}::interval`,
  mac: async (trx, random, id) => {
    const { rows } = await sql<{ mac: Buffer }>`select mac from audit_log where id = ${id}`.execute(trx);
    return sql`mac = ${otherBytes(random, rows[0]!.mac)}`;
  },
  trx: async (_trx, random) => sql`trx = ((trx::text::bigint) + ${random.pick([1, -1, 1000])})::text::xid8`,
  id: async () => sql`id = gen_random_uuid()`,
};

async function text(trx: Trx, id: string, column: string): Promise<string> {
  const { rows } = await sql<{
    value: string;
  }>`select ${sql.ref(column)} as value from audit_log where id = ${id}`.execute(trx);
  return rows[0]!.value;
}

/** Makes the hashes of all links from a number on anew, as anybody can. HMACs stay as they were. */
async function relink(trx: Trx, fromSeq: bigint): Promise<void> {
  let previous = fromSeq === 1n ? GENESIS_HASH : (await store.hashAt(trx, fromSeq - 1n))!;
  await store.openChainCursor(trx, fromSeq - 1n);
  const rows = await store.fetchChain(trx, 1_000_000);
  await sql`close audit_chain`.execute(trx);
  const made = rows.map((row) => {
    previous = linkHash({ seq: BigInt(row.seq), previous, trx: row.trx!, rowMac: row.mac!, rowText: row.text! });
    return { seq: row.seq, hash: Buffer.from(previous, 'hex') };
  });
  await sql`
    update audit_links l set hash = n.hash
    from unnest(${made.map(({ seq }) => seq)}::bigint[], ${made.map(({ hash }) => hash)}::bytea[]) as n(seq, hash)
    where l.seq = n.seq
  `.execute(trx);
}

/** Makes all checkpoints anew with a key of the attacker's own, over the hashes that the log has now. */
async function resign(trx: Trx): Promise<void> {
  const key = createAuditKey(createHash('sha256').update('attacker').digest());
  const checkpoints = await store.allCheckpoints(trx);
  await sql`delete from audit_checkpoints`.execute(trx);
  let previous: string | undefined;
  for (const old of checkpoints) {
    const linkHash = await store.hashAt(trx, old.seq);
    if (linkHash === undefined) continue;
    const checkpoint: Checkpoint = { ...old, linkHash, previous: previous ?? old.previous, publicKey: key.publicKey };
    previous = checkpointHash(checkpoint);
    await store.insertCheckpoint(trx, { ...checkpoint, signature: key.sign(checkpointText(checkpoint)) });
  }
}

/** Takes away everything after a link, as if it had never been; the application's own bookkeeping is no evidence. */
async function cutAfter(trx: Trx, seq: bigint): Promise<void> {
  await sql`delete from audit_log where id in (select row_id from audit_links where seq > ${seq})`.execute(trx);
  await sql`delete from audit_links where seq > ${seq}`.execute(trx);
  await sql`delete from audit_checkpoints where seq > ${seq}`.execute(trx);
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'one byte of a row',
    async run(trx, random) {
      const { id, seq } = await someRow(trx, random);
      const field = random.pick(Object.keys(rowFields));
      const change = await rowFields[field]!(trx, random, id);
      await sql`update audit_log set ${change} where id = ${id}`.execute(trx);
      return { did: `${field} of row ${seq}`, rowId: id };
    },
  },
  {
    name: 'one byte of a row, links made anew',
    async run(trx, random) {
      const { id, seq } = await someRow(trx, random);
      const field = random.pick(['actor', 'act', 'facts', 'subject', 'request', 'at', 'mac']);
      const change = await rowFields[field]!(trx, random, id);
      await sql`update audit_log set ${change} where id = ${id}`.execute(trx);
      await relink(trx, seq);
      const isSigned = random.oneIn(2);
      if (isSigned) await resign(trx);
      return { did: `${field} of row ${seq}${isSigned ? ', signed with another key' : ''}`, rowId: id };
    },
  },
  {
    name: 'one byte of a link',
    async run(trx, random) {
      const { seq } = await someRow(trx, random);
      const { rows } = await sql<{
        hash: Buffer;
        mac: Buffer;
      }>`select hash, mac from audit_links where seq = ${seq}`.execute(trx);
      const change = random.pick([
        sql`hash = ${otherBytes(random, rows[0]!.hash)}`,
        sql`mac = ${otherBytes(random, rows[0]!.mac)}`,
        sql`row_id = gen_random_uuid()`,
        sql`seq = seq + ${random.pick([-1, 1, 10_000_000])}`,
      ]);
      await sql`update audit_links set ${change} where seq = ${seq}`.execute(trx);
      return { did: `link ${seq}` };
    },
  },
  {
    name: 'one byte of a checkpoint',
    async run(trx, random) {
      const checkpoint = random.pick(await store.allCheckpoints(trx));
      const other = (hex: string) => otherBytes(random, Buffer.from(hex, 'hex'));
      const change = random.pick([
        sql`number = number + ${random.pick([1, -1, 100])}`,
        sql`seq = seq + ${random.pick([1, -1])}`,
        sql`link_hash = ${other(checkpoint.linkHash)}`,
        sql`at = at + '1 microsecond'`,
        sql`previous = ${other(checkpoint.previous)}`,
        sql`public_key = ${other(checkpoint.publicKey)}`,
        sql`signature = ${other(checkpoint.signature)}`,
      ]);
      await sql`update audit_checkpoints set ${change} where number = ${checkpoint.number}`.execute(trx);
      return { did: `checkpoint ${checkpoint.number}` };
    },
  },
  {
    name: 'a checkpoint deleted',
    async run(trx, random) {
      const { number } = random.pick(await store.allCheckpoints(trx));
      await sql`delete from audit_checkpoints where number = ${number}`.execute(trx);
      return { did: `checkpoint ${number}` };
    },
  },
  {
    name: 'a row deleted',
    async run(trx, random) {
      const { id, seq } = await someRow(trx, random);
      await sql`delete from audit_log where id = ${id}`.execute(trx);
      const isWithLink = random.oneIn(2);
      if (isWithLink) await sql`delete from audit_links where seq = ${seq}`.execute(trx);
      return { did: `row ${seq}${isWithLink ? ' and its link' : ''}` };
    },
  },
  {
    name: 'a row deleted, the others numbered and linked anew',
    async run(trx, random) {
      const { id, seq } = await someRow(trx, random);
      await sql`delete from audit_log where id = ${id}`.execute(trx);
      await sql`delete from audit_links where seq = ${seq}`.execute(trx);
      await sql`update audit_links set seq = seq - 1 where seq > ${seq}`.execute(trx);
      await relink(trx, seq);
      const isSigned = random.oneIn(2);
      if (isSigned) await resign(trx);
      return { did: `row ${seq}${isSigned ? ', signed with another key' : ''}` };
    },
  },
  {
    name: 'a link deleted',
    async run(trx, random) {
      const { seq } = await someRow(trx, random);
      await sql`delete from audit_links where seq = ${seq}`.execute(trx);
      return { did: `link ${seq}` };
    },
  },
  {
    name: 'two rows exchanged',
    async run(trx, random) {
      const [one, other] = await twoRows(trx, random);
      const way = random.pick(['ids', 'row ids of links', 'numbers'] as const);
      const exchange = {
        ids: sql`
          update audit_log set id = case id when ${one.id}::uuid then ${other.id}::uuid else ${one.id}::uuid end
          where id in (${one.id}, ${other.id})`,
        'row ids of links': sql`
          update audit_links set row_id = case row_id when ${one.id}::uuid then ${other.id}::uuid else ${one.id}::uuid end
          where row_id in (${one.id}, ${other.id})`,
        numbers: sql`
          update audit_links set seq = case seq when ${one.seq}::bigint then ${other.seq}::bigint else ${one.seq}::bigint end
          where seq in (${one.seq}, ${other.seq})`,
      };
      await exchange[way].execute(trx);
      return { did: `${way} of ${one.seq} and ${other.seq}` };
    },
  },
  {
    name: 'rows reordered, links made anew',
    async run(trx, random) {
      const [one, other] = await twoRows(trx, random);
      const [from, to] = one.seq < other.seq ? [one.seq, other.seq] : [other.seq, one.seq];
      await sql`update audit_links set seq = ${from + to} - seq where seq between ${from} and ${to}`.execute(trx);
      await relink(trx, from);
      return { did: `links ${from} to ${to} reversed` };
    },
  },
  {
    name: 'a row put in',
    async run(trx, random) {
      const { id, seq } = await someRow(trx, random);
      const way = random.pick(['made up', 'copied whole', 'copied under another id'] as const);
      const newId = way === 'copied whole' ? id : await newUuid(trx);
      const facts = way === 'made up' ? sql`'{"why":"forged"}'` : sql`facts`;
      await sql`
        insert into audit_log (id, at, actor, act, subject, request, facts, mac, trx)
        select ${newId}, at, actor, act, subject, request, ${facts}, mac, trx from audit_log where id = ${id}
      `.execute(trx);
      const isLinked = way !== 'copied whole' && random.oneIn(2);
      if (isLinked) {
        await sql`update audit_links set seq = seq + 1 where seq > ${seq}`.execute(trx);
        await sql`
          insert into audit_links (seq, row_id, hash, mac) select seq + 1, ${newId}, hash, mac from audit_links where seq = ${seq}
        `.execute(trx);
        await relink(trx, seq + 1n);
      }
      return { did: `${way} after ${seq}${isLinked ? ', linked' : ''}` };
    },
  },
  {
    name: 'a row put in at the end',
    async run(trx, random) {
      const { id } = await someRow(trx, random);
      const newId = await newUuid(trx);
      await sql`
        insert into audit_log (id, at, actor, act, subject, request, facts, mac, trx)
        select ${newId}, at, actor, act, subject, request, facts, ${random.bytes(32)}, trx from audit_log where id = ${id}
      `.execute(trx);
      const last = await lastSeq(trx);
      await sql`
        insert into audit_links (seq, row_id, hash, mac) values (${last + 1n}, ${newId}, ${random.bytes(32)}, ${random.bytes(32)})
      `.execute(trx);
      await relink(trx, last + 1n);
      return { did: `after ${last}` };
    },
  },
  {
    name: 'the end cut off',
    async run(trx, random) {
      const last = await lastSeq(trx);
      const count = random.oneIn(2) ? 1n : BigInt(random.between(1, Number(last)));
      await cutAfter(trx, last - count);
      return { did: `the last ${count} rows` };
    },
  },
  {
    name: 'an old backup brought back',
    async run(trx, random) {
      const checkpoint = random.pick((await store.allCheckpoints(trx)).slice(0, -1));
      await cutAfter(trx, checkpoint.seq);
      return { did: `checkpoint ${checkpoint.number}` };
    },
  },
  {
    name: 'rows near the end taken out, the rest linked anew',
    async run(trx, random) {
      const last = await lastSeq(trx);
      const from = last - BigInt(random.between(1, 200));
      const count = BigInt(random.between(1, Number(last - from)));
      await sql`
        delete from audit_log where id in (select row_id from audit_links where seq >= ${from} and seq < ${from + count})
      `.execute(trx);
      await sql`delete from audit_links where seq >= ${from} and seq < ${from + count}`.execute(trx);
      await sql`update audit_links set seq = seq - ${count} where seq >= ${from + count}`.execute(trx);
      await sql`delete from audit_checkpoints where seq >= ${from}`.execute(trx);
      await relink(trx, from);
      return { did: `${count} rows from ${from}` };
    },
  },
];

async function newUuid(trx: Trx): Promise<string> {
  const { rows } = await sql<{ id: string }>`select gen_random_uuid() as id`.execute(trx);
  return rows[0]!.id;
}

async function twoRows(trx: Trx, random: Random): Promise<[Row, Row]> {
  const one = await someRow(trx, random);
  for (;;) {
    const other = await someRow(trx, random);
    if (other.seq !== one.seq) return [one, other];
  }
}
