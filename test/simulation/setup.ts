/**
 * The platform that every world begins with, made once a run by the real code without faults: migrated tables, opened platform
 * wallets, one token, and members with wallets, sessions and known payees. Some have coin and tokens, some have none.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeystore, serializeKeystore } from '@jigeum/keystore';
import { bytesToHex, seededIds } from '@jigeum/std';
import { generatePrivateKey, keyHash } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { sql } from 'kysely';
import pg from 'pg';
import type { Config } from '../../apps/server/src/config.ts';
import type { Deps } from '../../apps/server/src/deps.ts';
import { addMember, phoneHmac, sessions } from '../../apps/server/src/members/index.ts';
import { sessionIdHash, unlockKeyOf } from '../../apps/server/src/platform/cookies.ts';
import { inTrx, type Secrets } from '../../apps/server/src/platform/index.ts';
import { applyMigrations } from '../../apps/server/src/platform/migrate.ts';
import { createSecrets } from '../../apps/server/src/platform/secrets.ts';
import { testConfig } from '../../apps/server/src/platform/testing.ts';
import { payFromReserve } from '../../apps/server/src/transfers/pay-from-reserve.ts';
import { savePayee } from '../../apps/server/src/transfers/store/payees.ts';
import { seedToken } from '../../apps/server/src/transfers/token-operations.ts';
import { draftWallet, openCustody, registerWalletsJob, sealForSession } from '../../apps/server/src/wallets/index.ts';
import { CHAIN_ID } from './chain/driver.ts';
import { SimulatedNode } from './chain/node.ts';
import { ChainState } from './chain/state.ts';
import { takeSnapshot } from './database/snapshot.ts';
import { WireStream } from './database/stream.ts';
import { Wire } from './database/wire.ts';
import type { Image, Platform, SimulatedMember } from './platform.ts';
import { untilNothingMoves } from './scheduler.ts';
import { SimulatedServer } from './server.ts';
import { surround, type Surroundings } from './surroundings.ts';

export const PIN = new TextEncoder().encode('704152');
/** Enough for a thousand wallets and more. */
const SUPPLY = 10n ** 10n;
/** Native coin of each platform wallet at genesis. */
const PLATFORM_COIN = 10n ** 12n;
const FUNDED = 1_000_000n;
const RULES = { blockMs: 1_000, finalityDepth: 0, transactionsPerBlock: 500, nonceGapMax: 64, countsComingCoin: true };

export interface SetUpOptions {
  memberCount: number;
  /** The first so many begin with tokens. */
  withTokens: number;
  /** The first so many begin with coin for their payments. */
  withCoin: number;
  /** Each knows so many of those who joined after them, in a ring. */
  payeeCount: number;
}

/** Makes the platform. */
export const setUp = (options: SetUpOptions): Promise<Image> => inFolder((folder) => setUpIn(folder, options));

/** Opens a made platform. `sqlMutation`: statements that change its schema, to see the checks find it. */
export const openImage = (image: Image, sqlMutation?: string): Promise<Platform> =>
  inFolder(async (folder) => {
    const { database, files, chain, blocks, ...rest } = image;
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes, { mode: 0o400 });
    const wire = await Wire.open(database);
    if (sqlMutation !== undefined) wire.asOwner(sqlMutation);
    prepareSession(wire);
    const platform: Platform = {
      ...rest,
      wire,
      config: configOf(folder),
      secrets: secretsOf(),
      chain: { state: Object.assign(new ChainState(), chain), blocks, rules: RULES },
    };
    const surroundings = surround({
      seed: 'open',
      index: 0,
      node: platform.chain,
      kill: ignore,
      defect: fail,
      ...platform,
    });
    await runUntil(surroundings, openCustody(new SimulatedServer(surroundings, 'open', 'open').deps));
    return platform;
  });

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'jigeum-simulation-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configOf(folder: string): Config {
  return {
    ...testConfig(),
    chainId: CHAIN_ID,
    keystoreDir: folder,
    platformKeystoreDir: folder,
    platformPassphraseFile: join(folder, 'passphrase'),
    keystoreScryptN: 2,
    unlockIdleMinutes: 1_000_000,
    sessionIdleMinutes: 1_000_000,
    sessionHours: 100_000,
    seedToken: { name: 'eSportsToken', symbol: 'EST', supply: SUPPLY.toString(), decimals: 0, wonPerToken: 1 },
  };
}

const secretsOf = (): Secrets => createSecrets({ ids: seededIds('simulated platform') }, new Uint8Array(32).fill(7));

async function setUpIn(folder: string, options: SetUpOptions): Promise<Image> {
  const wire = await Wire.open();
  await migrateOver(wire);
  const config = configOf(folder);
  const secrets = secretsOf();
  const chain = { state: new ChainState(), blocks: SimulatedNode.genesis(), rules: RULES };
  const [treasury, reserve] = await platformKeys(folder, chain.state);
  const surroundings = surround({
    seed: 'setup',
    index: 0,
    wire,
    config,
    secrets,
    node: chain,
    kill: ignore,
    defect: fail,
  });
  const server = new SimulatedServer(surroundings, 'setup', 'setup');
  const deps: Deps = { ...server.deps, keyRegistry: registryOf(surroundings.node.state) };
  const until = <T>(work: Promise<T>) => runUntil(surroundings, work);

  // Files and key derivations take real time: no timer may run meanwhile, so the jobs begin afterwards.
  await until(openCustody(deps));
  const members: SimulatedMember[] = [];
  for (let index = 0; index < options.memberCount; index++) members.push(await until(joinPlatform(deps, index)));
  const withCoin = members.slice(0, options.withCoin).map(({ walletId }) => `'${walletId}'`);
  wire.asOwner(`update wallets set needs_gas = false where kind = 'member' and id not in (${withCoin.join(', ')})`);
  await until(seedToken(deps));
  server.startJobs();
  await settle(surroundings);
  const [token] = wire.rows<Platform['token']>(`select id::text, contract, symbol from tokens where symbol = 'EST'`);
  for (const member of members.slice(0, options.withTokens)) await until(fund(deps, member, token!.id));
  for (const [index, member] of members.entries())
    for (let step = 1; step <= options.payeeCount; step++) {
      const other = members[(index + step) % members.length]!;
      const id = deps.ids.uuid(deps.clock.nowMs());
      const at = new Date(deps.clock.nowMs());
      await until(savePayee(deps.db, { id, payerMemberId: member.id, payeeMemberId: other.id, at }));
      member.payeeIds.set(other.id, id);
    }
  await settle(surroundings);
  server.die();
  const names = ['passphrase', 'treasury.json', 'reserve.json'];
  const files = await Promise.all(
    names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const),
  );
  const snapshot = takeSnapshot(wire);
  const database = await wire.dump();
  await wire.close();
  const { accounts, tokens, executed, issued } = surroundings.node.state;
  return {
    database,
    snapshot,
    files: new Map(files),
    chain: { accounts, tokens, executed, issued },
    blocks: surroundings.node.blocks,
    members,
    treasury: treasury!,
    reserve: reserve!,
    token: token!,
  };
}

async function migrateOver(wire: Wire): Promise<void> {
  const stream = new WireStream((from, request) => from.answer(wire.exec(request)));
  const client = new pg.Client({ stream: () => stream as never, user: 'postgres', password: '' });
  await client.connect();
  await applyMigrations({ clock: { nowMs: () => 0 } }, client);
  prepareSession(wire);
}

/** Plans must not depend on how often a statement ran in earlier worlds, and the application has its own rights only. */
function prepareSession(wire: Wire): void {
  wire.run(`set plan_cache_mode = force_generic_plan; set timezone = 'UTC'; set role jigeum_app`);
}

async function platformKeys(folder: string, state: ChainState): Promise<string[]> {
  const ids = seededIds('platform keys');
  const passphrase = new TextEncoder().encode('a passphrase of the platform');
  await writeFile(join(folder, 'passphrase'), passphrase, { mode: 0o400 });
  const addresses: string[] = [];
  for (const [index, name] of ['treasury', 'reserve'].entries()) {
    const privateKey = generatePrivateKey(ids);
    const address = `0x000200000000010${index}0002`;
    const file = await createKeystore(
      { ids },
      { privateKey, passphrase, address: address.slice(2), cost: { n: 2, r: 8, p: 1 } },
    );
    await writeFile(join(folder, `${name}.json`), serializeKeystore(file), { mode: 0o400 });
    state.accounts.set(address, { keyHash: hashOf(privateKey), nonce: 0, native: PLATFORM_COIN });
    addresses.push(address);
  }
  return addresses;
}

const hashOf = (privateKey: Uint8Array): string =>
  bytesToHex(keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3));

/** The authority of the simulated chain: an account for each key. */
const registryOf = (state: ChainState): Deps['keyRegistry'] => ({
  async register(hash) {
    const address = `0x000200000002${state.accounts.size.toString(16).padStart(4, '0')}0002`;
    state.accounts.set(address, { keyHash: bytesToHex(hash), nonce: 0, native: 0n });
    return { kind: 'registered', address };
  },
});

async function joinPlatform(deps: Deps, index: number): Promise<SimulatedMember> {
  const id = deps.ids.uuid(deps.clock.nowMs());
  const name = `member${index}`;
  const maskedName = '홍*동';
  const phone = `0101111${String(index).padStart(4, '0')}`;
  const receiveCode = deps.ids.uuid(deps.clock.nowMs());
  const hmac = (text: string) => deps.secrets.hmac('test', Buffer.from(text));
  await inTrx(deps, (trx) =>
    addMember(deps, trx, {
      id,
      memberId: name,
      nameMasked: maskedName,
      phoneHmac: phoneHmac(deps, phone),
      phoneMasked: '010-****-0000',
      ciHmac: hmac(`ci ${name}`),
      receiveCode,
      verifiedAt: new Date(deps.clock.nowMs()),
      pin: PIN,
    }),
  );
  const draft = await draftWallet(deps, { passphrase: new TextEncoder().encode('correct horse') });
  await inTrx(deps, (trx) => draft.insert(trx, { memberId: id }));
  await registerWalletsJob(deps).run(new AbortController().signal);
  const { rows } = await sql<{ address: string }>`select address from wallets where id = ${draft.walletId}`.execute(
    deps.db,
  );
  const secret = deps.ids.bytes(32);
  const unlockKey = unlockKeyOf(secret);
  const idHash = sessionIdHash(secret);
  const sealedKey = sealForSession(deps, { unlockKey, memberId: id, privateKey: draft.privateKey });
  const { unlockedUntil } = await sessions.create(deps, { memberId: id, idHash, sealedKey });
  return {
    id,
    name,
    maskedName,
    phone,
    receiveCode,
    walletId: draft.walletId,
    address: rows[0]!.address,
    privateKey: draft.privateKey,
    session: { memberId: id, idHash, unlockKey, sealedKey, unlockedUntil },
    payeeIds: new Map(),
  };
}

/** Tokens out of the reserve, as a charge pays them. */
async function fund(deps: Deps, member: SimulatedMember, tokenId: string): Promise<void> {
  const chargeId = deps.ids.uuid(deps.clock.nowMs());
  const at = new Date(deps.clock.nowMs());
  await inTrx(deps, async (trx) => {
    await sql`
      insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at,
                           expires_at, paid_at)
      values (${chargeId}, ${member.id}, ${member.walletId}, ${tokenId}, ${FUNDED}, ${FUNDED}, ${chargeId}, 'paid', ${at}, ${at}, ${at})
    `.execute(trx);
    await payFromReserve(deps, trx, { chargeId, walletId: member.walletId, tokenId, amount: FUNDED });
  });
  deps.wake('submit');
}

/** Lets virtual time run until the work is done. Real files and key derivations are waited for too. */
async function runUntil<T>(surroundings: Surroundings, work: Promise<T>): Promise<T> {
  let isDone = false;
  const end = () => void (isDone = true);
  work.then(end, end);
  for (;;) {
    await untilNothingMoves();
    if (isDone) return await work;
    await surroundings.scheduler.step();
  }
}

/** Lets virtual time run until nothing is under way. */
export async function settle(surroundings: Surroundings): Promise<void> {
  const { scheduler, wire, gate } = surroundings;
  await untilNothingMoves();
  for (let count = 0; count < 200_000; count++) {
    await scheduler.step();
    if (count % 50 !== 0 || !gate.isQuiet) continue;
    const rows = wire.rows(`
      select 1 from chain_outbox where state not in ('final', 'reverted')
      union all select 1 from wallets where needs_gas and state = 'ready' limit 1`);
    if (rows.length === 0) return;
  }
  throw new Error(`Expected everything to settle.\n${scheduler.trace.last(60).join('\n')}`);
}

const ignore = (): void => undefined;

function fail(error: unknown): never {
  throw error;
}
