/** INV-04, INV-07, INV-27: one nonce has one payload, nonces have no holes, and the chain knows nothing that the database has not signed. */
import type { Effect } from '../chain.ts';
import { isEnd, type Rows } from '../tables.ts';
import { minedAt, type readSigned, type World } from '../world.ts';
import type { Tell } from '../violation.ts';

/** Bytes never change, so what they say is worked out once a row. */
export type ReadRaw = (raw: string) => ReturnType<typeof readSigned>;

export function checkSigning(world: World, readRaw: ReadRaw, tell: Tell): void {
  const { db } = world;
  const payloads = new Map<string, Rows['chain_outbox']>();
  const sources = new Map<string, string>();
  for (const row of db.chain_outbox.values()) {
    const subject = `chain_outbox ${row.id}`;
    const said = readRaw(row.raw);
    const address = db.wallets.get(row.wallet_id)?.address;
    if (said.hash !== row.hash)
      tell('INV-04', subject, `Expected the hash of its bytes, ${said.hash}, got ${row.hash}.`);
    if (said.from !== address || said.nonce !== row.nonce)
      tell(
        'INV-04',
        subject,
        `Expected bytes of ${address} with nonce ${row.nonce}, got ${said.from} with ${said.nonce}.`,
      );
    const wanted = intentOf(db, row);
    if (wanted !== null && !isSame(wanted, said.effect))
      tell('INV-04', subject, `Expected bytes that do what ${row.purpose} ${row.source_id} says, got others.`);
    const twin = payloads.get(`${row.wallet_id} ${row.nonce}`);
    if (twin !== undefined && !isOutsideAndOurs(row, twin) && !isOutsideAndOurs(twin, row))
      tell('INV-04', subject, `Expected one row for nonce ${row.nonce}, got ${twin.id} too.`);
    payloads.set(`${row.wallet_id} ${row.nonce}`, row);
    const other = sources.get(`${row.purpose} ${row.source_id}`);
    if (other !== undefined)
      tell('INV-04', subject, `Expected one row for ${row.purpose} ${row.source_id}, got ${other} too.`);
    sources.set(`${row.purpose} ${row.source_id}`, row.id);
  }
  for (const cancel of db.chain_cancels.values()) {
    const row = db.chain_outbox.get(cancel.outbox_id);
    const said = readRaw(cancel.raw);
    const isNothing = said.effect.kind === 'coin' && said.effect.amount === 0n && said.effect.to === said.from;
    if (row === undefined || said.nonce !== row.nonce || said.hash !== cancel.hash || !isNothing)
      tell(
        'INV-04',
        `chain_cancels ${cancel.outbox_id}`,
        'Expected a cancel that does nothing, with the nonce of its row.',
      );
  }
  checkEffects(world, tell);
  checkNonces(world, tell);
}

/** What recovery read from the chain has used the nonce, and what was signed here for it is proven never to be mined. */
const isOutsideAndOurs = (outside: Rows['chain_outbox'], ours: Rows['chain_outbox']): boolean =>
  outside.is_recovered && !ours.is_recovered && ours.state === 'superseded';

/** Each source has one effect on the chain at most, and each effect of our wallets a source. */
function checkEffects({ db, chain, signed, foreign }: World, tell: Tell): void {
  const wallets = new Set([...db.wallets.values()].map(({ address }) => address));
  const done = new Map<string, string>();
  for (const { hash, from, isSuccess } of chain.transactions.values()) {
    if (!wallets.has(from) || foreign.has(hash)) continue;
    const found = signed.get(hash);
    if (found === undefined) {
      tell(
        'INV-04',
        hash,
        `Expected only transactions of ${from} that the database has signed, got one that it has not.`,
      );
      continue;
    }
    if (!isSuccess || found.isCancel) continue;
    const source = `${found.row.purpose} ${found.row.source_id}`;
    const first = done.get(source);
    if (first !== undefined) tell('INV-04', source, `Expected one effect on the chain, got ${first} and ${hash}.`);
    done.set(source, hash);
  }
}

function checkNonces(world: World, tell: Tell): void {
  const { db, chain, foreign } = world;
  const rows = Map.groupBy(db.chain_outbox.values(), (row) => row.wallet_id);
  for (const wallet of db.wallets.values()) {
    if (wallet.address === null) continue;
    const subject = `wallets ${wallet.id}`;
    const own = new Set((rows.get(wallet.id) ?? []).map(({ nonce }) => nonce));
    const mined = chain.nonces.get(wallet.address) ?? 0n;
    for (let nonce = 0n; nonce < wallet.next_nonce; nonce++) {
      if (own.has(nonce)) continue;
      const hash = minedAt(world, wallet.address, nonce)?.hash;
      if (hash === undefined || !foreign.has(hash))
        tell(
          'INV-07',
          subject,
          `Expected a signed transaction for nonce ${nonce}, as the next is ${wallet.next_nonce}, got none.`,
        );
    }
    for (const nonce of own)
      if (nonce >= wallet.next_nonce)
        tell('INV-07', subject, `Expected nonces below ${wallet.next_nonce}, got ${nonce}.`);
    const open = (rows.get(wallet.id) ?? []).filter(({ state }) => !isEnd(state));
    const ended = (rows.get(wallet.id) ?? []).filter(({ state }) => isEnd(state));
    for (const row of ended)
      if (row.nonce >= mined)
        tell(
          'INV-07',
          subject,
          `Expected nonce ${row.nonce} to be used on the chain, as its row is ${row.state}; the chain is at ${mined}.`,
        );
    const unmined = open.filter(({ nonce }) => nonce >= mined).length;
    if (mined <= wallet.next_nonce && wallet.next_nonce - mined !== BigInt(unmined))
      tell(
        'INV-07',
        subject,
        `Expected ${wallet.next_nonce - mined} transactions in flight between ${mined} and ${wallet.next_nonce}, got ${unmined}.`,
      );
    for (let nonce = wallet.next_nonce; nonce < mined; nonce++) {
      const hash = minedAt(world, wallet.address, nonce)?.hash;
      if (hash === undefined || !foreign.has(hash))
        tell(
          'INV-27',
          subject,
          `Expected the chain to be at nonce ${wallet.next_nonce} at most, got ${mined}: the database is older than the chain.`,
        );
    }
  }
}

/** What the bytes of a row must do; null where the rule does not know its purpose. */
function intentOf(db: World['db'], row: Rows['chain_outbox']): Effect | null {
  const addressOf = (walletId: string): string => db.wallets.get(walletId)?.address ?? 'nobody';
  if (row.purpose === 'transfer') {
    const transfer = db.transfers.get(row.source_id);
    if (transfer === undefined) return { kind: 'nothing' };
    return {
      kind: 'token',
      contract: db.tokens.get(transfer.token_id)?.contract ?? 'none',
      from: addressOf(transfer.payer_wallet_id),
      to: addressOf(transfer.payee_wallet_id),
      amount: transfer.amount,
    };
  }
  if (row.purpose === 'gas_grant') {
    const grant = db.gas_grants.get(row.source_id);
    return grant === undefined
      ? { kind: 'nothing' }
      : { kind: 'coin', to: addressOf(grant.wallet_id), amount: grant.amount };
  }
  return null;
}

const isSame = (left: Effect, right: Effect): boolean =>
  Object.keys(left).length === Object.keys(right).length &&
  Object.entries(left).every(([name, value]) => right[name as keyof Effect] === value);
