/**
 * A whole platform below HTTP for tests: real PostgreSQL, a real work node with its CA in this process, opened platform
 * wallets, a token, and members with wallets. Jobs run when a test says so.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainDriver, Signer } from '@jigeum/chain';
import { createCaRegistry, createSymverseDriver } from '@jigeum/chain-symverse';
import { createKeystore, serializeKeystore } from '@jigeum/keystore';
import { bytesToHex, systemClock, type Clock } from '@jigeum/std';
import { generatePrivateKey, keyHash, signatureToBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';
import { sql } from 'kysely';
import type { Deps } from '#deps';
import { createTestDeps, type TestDatabase } from '#testing';
import { addMember } from '#members';
import { inTrx, type Job } from '#platform';
import { draftWallet, openCustody, registerWalletsJob } from '#wallets';
import { confirmJob } from './confirm-job.ts';
import { payFromReserve } from './pay-from-reserve.ts';
import type { ConfirmHooks } from './post-ends.ts';
import { recordPayment } from './request-transfer.ts';
import { refillGasJob } from './refill-job.ts';
import { savePayee } from './store/payees.ts';
import { submitJob } from './submit-job.ts';
import { seedToken } from './token-operations.ts';

/** Signs with a key that the test holds. */
export function signerOf(privateKey: Uint8Array): Signer {
  return {
    sign(digest) {
      const signature = nativeCrypto.sign(digest, privateKey);
      const bytes = signatureToBytes(signature);
      return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
    },
  };
}

/** A member with a wallet whose key the test holds. */
export interface TestMember {
  id: string;
  memberId: string;
  maskedName: string;
  walletId: string;
  address: string;
  privateKey: Uint8Array;
}

export interface TestPlatform {
  deps: Deps & { database: TestDatabase };
  node: StartedWorkNode;
  /** Makes a member whose wallet is on the chain. Its gas comes with `settle`. */
  join(memberId: string): Promise<TestMember>;
  /** Runs all jobs until nothing is under way. Fails the test after ten seconds. */
  settle(deps?: Deps): Promise<void>;
  /** Tokens out of the reserve: a payment of the platform's own, settled unless other deps are given. */
  fund(member: TestMember, amount: bigint, deps?: Deps): Promise<void>;
  /** A payment that is recorded and signed and not sent yet. */
  pay(payer: TestMember, payee: TestMember, amount: bigint, transferId?: string, deps?: Deps): Promise<string>;
  balance(member: { walletId: string }): Promise<{ available: bigint; held: bigint; incoming: bigint }>;
  /** Balance of the token on the chain. */
  onChain(address: string): Promise<bigint>;
  contract(): Promise<string>;
  stop(): Promise<void>;
}

export const noHooks: ConfirmHooks = { chargesAreDone: async () => [] };

/** Every test member's. */
export const TEST_PIN = new TextEncoder().encode('704152');
export const SUPPLY = 1_000_000n * 10n ** 18n;
const CHAIN_ID = 7n;
const PLATFORM_HUG = 1_000_000n * 10n ** 18n;

export async function startTestPlatform(
  options: { clock?: Clock; hasGasPrefund?: boolean; wrapChain?: (chain: ChainDriver) => ChainDriver } = {},
): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'jigeum-transfers-'));
  const base = await createTestDeps({
    config: {
      chainId: Number(CHAIN_ID),
      keystoreDir: folder,
      platformKeystoreDir: folder,
      platformPassphraseFile: join(folder, 'passphrase'),
      keystoreScryptN: 4096,
      hasGasPrefund: options.hasGasPrefund ?? true,
      seedToken: { name: 'eSportsToken', symbol: 'EST', supply: SUPPLY.toString(), decimals: 18, wonPerToken: 1 },
    },
    connectionsMax: 40,
  });
  const passphrase = new TextEncoder().encode('a passphrase of the platform');
  await writeFile(join(folder, 'passphrase'), passphrase, { mode: 0o400 });
  const citizens: { symId: string; keyHash: string }[] = [];
  for (const [index, name] of ['treasury', 'reserve'].entries()) {
    const privateKey = generatePrivateKey(base.ids);
    const symId = `0x000200000000010${index}0002`;
    const file = await createKeystore(base, {
      privateKey,
      passphrase,
      address: symId.slice(2),
      cost: { n: 4096, r: 8, p: 1 },
    });
    await writeFile(join(folder, `${name}.json`), serializeKeystore(file), { mode: 0o400 });
    citizens.push({
      symId,
      keyHash: `0x${bytesToHex(keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3))}`,
    });
  }
  const node = await startWorkNode({
    chainId: CHAIN_ID,
    genesis: JSON.stringify({
      chainId: Number(CHAIN_ID),
      caId: 2,
      citizens,
      allocations: Object.fromEntries(citizens.map(({ symId }) => [symId, PLATFORM_HUG.toString()])),
    }),
    blockMs: 50,
    emptyBlockMs: null,
    sealWhenBusy: true,
  });
  const driver = createSymverseDriver({ node: node.rpcUrl, chainId: Number(CHAIN_ID), crypto: nativeCrypto });
  const deps: Deps & { database: TestDatabase } = {
    ...base,
    clock: options.clock ?? systemClock,
    chain: options.wrapChain?.(driver) ?? driver,
    keyRegistry: createCaRegistry({ caUrl: node.caUrl, secret: node.caSecret }),
    identityAgency: undefined as never,
    bank: undefined as never,
  };
  await openCustody(deps);

  const platform: TestPlatform = {
    deps,
    node,
    async join(memberId) {
      const id = deps.ids.uuid(deps.clock.nowMs());
      const maskedName = '홍*동';
      const hmac = (text: string) => deps.secrets.hmac('test', Buffer.from(text));
      await inTrx(deps, (trx) =>
        addMember(deps, trx, {
          id,
          memberId,
          nameMasked: maskedName,
          phoneHmac: hmac(`phone ${memberId}`),
          phoneMasked: '010-****-0000',
          ciHmac: hmac(`ci ${memberId}`),
          receiveCode: deps.ids.uuid(deps.clock.nowMs()),
          verifiedAt: new Date(deps.clock.nowMs()),
          pin: TEST_PIN,
        }),
      );
      const draft = await draftWallet(deps, { passphrase: new TextEncoder().encode('correct horse') });
      await inTrx(deps, (trx) => draft.insert(trx, { memberId: id }));
      await registerWalletsJob(deps).run(new AbortController().signal);
      const { rows } = await sql<{ address: string | null }>`
        select address from wallets where id = ${draft.walletId}
      `.execute(deps.db);
      const address = rows[0]?.address;
      if (address == null) throw new Error('Expected the CA to give an address, got none.');
      return { id, memberId, maskedName, walletId: draft.walletId, address, privateKey: draft.privateKey };
    },
    async settle(given = deps) {
      const jobs = [refillGasJob(given), submitJob(given), confirmJob(given, noHooks)];
      await runUntilSettled(given, jobs);
    },
    async fund(member, amount, given = deps) {
      const chargeId = deps.ids.uuid(deps.clock.nowMs());
      await inTrx(deps, async (trx) => {
        const { rows } = await sql<{ id: string }>`
          insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at, expires_at)
          select ${chargeId}, ${member.id}, ${member.walletId}, id, 1, ${amount}, ${chargeId}, 'paid', now(), now()
          from tokens where symbol = 'EST' returning token_id as id
        `.execute(trx);
        await payFromReserve(given, trx, { chargeId, walletId: member.walletId, tokenId: rows[0]!.id, amount });
      });
      if (given === deps) await platform.settle();
    },
    async pay(payer, payee, amount, transferId = deps.ids.uuid(deps.clock.nowMs()), given = deps) {
      const row = await savePayee(given.db, {
        id: given.ids.uuid(given.clock.nowMs()),
        payerMemberId: payer.id,
        payeeMemberId: payee.id,
        at: new Date(given.clock.nowMs()),
      });
      await inTrx(given, (trx) =>
        recordPayment(given, trx, {
          transferId,
          payerMemberId: payer.id,
          signer: signerOf(payer.privateKey),
          order: { payeeId: row.id, maskedName: payee.maskedName, token: 'EST', amount, memo: '' },
        }),
      );
      return transferId;
    },
    async balance({ walletId }) {
      const { rows } = await sql<{ available: bigint; held: bigint; incoming: bigint }>`
        select coalesce(b.available, 0) as available, coalesce(b.held, 0) as held,
          coalesce((select sum(amount) from transfers where payee_wallet_id = w.id and state = 'accepted'), 0) as incoming
        from wallets w left join balances b on b.wallet_id = w.id where w.id = ${walletId}
      `.execute(deps.db);
      return rows[0] ?? { available: 0n, held: 0n, incoming: 0n };
    },
    async onChain(address) {
      const [balance] = await driver.tokenBalances(await platform.contract(), [address]);
      return balance ?? 0n;
    },
    async contract() {
      const { rows } = await sql<{ contract: string }>`select contract from tokens where symbol = 'EST'`.execute(
        deps.db,
      );
      return rows[0]!.contract;
    },
    async stop() {
      await node.stop();
      await deps.database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await seedToken(deps);
  await platform.settle();
  return platform;
}

/** The patience of `expect.poll` with a busy machine. */
const SETTLED_WITHIN_MS = 20_000;

/** Runs the jobs in turn until every signed transaction has ended and no wallet asks for gas. */
export async function runUntilSettled(deps: Deps, jobs: readonly Job[]): Promise<void> {
  const signal = new AbortController().signal;
  const startMs = systemClock.monotonicMs();
  for (;;) {
    for (const job of jobs) await job.run(signal);
    const { rows } = await sql`
      select from chain_outbox where state not in ('final', 'reverted', 'superseded')
      union all select from wallets where needs_gas and state = 'ready' limit 1
    `.execute(deps.db);
    if (rows.length === 0) return;
    if (systemClock.monotonicMs() - startMs > SETTLED_WITHIN_MS) {
      const left = await sql`
        select purpose, state, is_unknown, attempts, last_problem from chain_outbox where state not in ('final', 'reverted', 'superseded') limit 5
      `.execute(deps.db);
      throw new Error(`Expected everything to settle within ${SETTLED_WITHIN_MS} ms: ${JSON.stringify(left.rows)}`);
    }
    await new Promise((resume) => setTimeout(resume, 10));
  }
}
