/**
 * Checks a running platform against its promises, with statements, questions to the node and arithmetic of its own: nothing
 * here imports the server or the packages. Works while payments are under way, and costs what has changed since the last time.
 */
import pg from 'pg';
import { createChain, type Chain } from './chain.ts';
import { createMirror, types, type Mirror, type Tables } from './mirror.ts';
import { checkRights } from './rights.ts';
import { createRpc, hex, type Rpc } from './rpc.ts';
import { checkAnswers } from './rules/answers.ts';
import { checkAudit } from './rules/audit.ts';
import { checkCharges } from './rules/charges.ts';
import { checkEnds } from './rules/ends.ts';
import { checkFreezes } from './rules/freeze.ts';
import { checkGas, type GasBudgets } from './rules/gas.ts';
import { checkJournal } from './rules/journal.ts';
import { checkLedger } from './rules/ledger.ts';
import { checkSigning, type ReadRaw } from './rules/signing.ts';
import { checkSupply } from './rules/supply.ts';
import { checkWebhooks, createIsSigned } from './rules/webhooks.ts';
import type { Violation } from './violation.ts';
import { readSigned, signedRows, type SeenAnswer, type SeenWebhooks, type World } from './world.ts';

export type { Violation } from './violation.ts';
export type { SeenAnswer, SeenWebhook, SeenWebhooks } from './world.ts';

export interface CheckerOptions {
  /** As the owner of the database. */
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  /** For the codes of the audit log. */
  readonly serverKey?: Uint8Array;
  readonly gasBudgets?: GasBudgets;
}

export interface CheckOptions {
  /** Every answer that clients got so far. */
  readonly answers?: readonly SeenAnswer[];
  /** Everything that receivers of webhooks got so far; once drained, all of it must have arrived. */
  readonly webhooks?: SeenWebhooks;
  /** Everything accepted must have ended. */
  readonly isDrained?: boolean;
  /** Also asks the node for every holding and PostgreSQL for every right, which the ordinary check does for what has changed. */
  readonly isFull?: boolean;
}

export interface Report {
  readonly violations: readonly Violation[];
  readonly height: number;
  readonly transfers: number;
}

export interface Checker {
  check(options?: CheckOptions): Promise<Report>;
  /** A transaction that a test signs with a key of the platform beside it: hash in hex. It is then expected on the chain. */
  allowForeign(hash: string): void;
}

/** Makes a checker that has seen nothing yet. */
export function createChecker(options: CheckerOptions): Checker {
  const rpc = createRpc(options.rpcUrl);
  const chain = createChain(rpc);
  const mirror = createMirror();
  const foreign = new Set<string>();
  const isSigned = createIsSigned();
  const read = new Map<string, ReturnType<typeof readSigned>>();
  const readRaw: ReadRaw = (raw) => {
    const known = read.get(raw) ?? readSigned(raw);
    read.set(raw, known);
    return known;
  };
  return {
    allowForeign: (hash) => void foreign.add(hash.replace(/^0x/, '')),
    async check({ answers = [], webhooks, isDrained = false, isFull = false } = {}) {
      const violations: Violation[] = [];
      // What comes while we read is for the next check: the database of this one may be older.
      const answersSoFar = [...answers];
      const webhooksSoFar = webhooks === undefined ? null : { ...webhooks, received: [...webhooks.received] };
      const tell = (rule: string, subject: string, text: string): void => void violations.push({ rule, subject, text });
      const client = new pg.Client({ connectionString: options.databaseUrl, types });
      await client.connect();
      try {
        // The database first: what it says of the chain has then been on the chain when that is read.
        await mirror.refresh(client, tell);
        await chain.follow();
        await waitForRows(client, { mirror, chain, foreign }, tell);
        if (isFull) await checkRights(client, tell);
      } finally {
        await client.end();
      }
      const world: World = {
        db: mirror.tables,
        chain,
        ...(await askNode(rpc, chain, mirror.tables, isFull)),
        answers: answersSoFar,
        webhooks: webhooksSoFar,
        foreign,
        isDrained,
        serverKey: options.serverKey ?? null,
        signed: signedRows(mirror.tables),
      };
      checkSupply(world, tell);
      checkJournal(world, tell);
      checkLedger(world, tell);
      checkSigning(world, readRaw, tell);
      checkEnds(world, tell);
      checkAnswers(world, tell);
      checkGas(world, options.gasBudgets ?? null, tell);
      checkFreezes(world, tell);
      checkCharges(world, tell);
      checkAudit(world, tell);
      checkWebhooks(world, isSigned, tell);
      return { violations, height: chain.height, transfers: mirror.tables.transfers.size };
    },
  };
}

/**
 * A payment may be accepted and mined between the two readings: then its row is in the next reading. What is still unknown
 * then, nobody has signed. Reading again moves the database ahead of the chain, so the chain is read once more too.
 */
async function waitForRows(
  client: pg.ClientBase,
  { mirror, chain, foreign }: { mirror: Mirror; chain: Chain; foreign: ReadonlySet<string> },
  tell: (rule: string, subject: string, text: string) => void,
): Promise<void> {
  for (let turn = 0; turn < READINGS_MAX; turn++) {
    const signed = signedRows(mirror.tables);
    const wallets = new Set([...mirror.tables.wallets.values()].map(({ address }) => address));
    const isKnown = [...chain.transactions.values()].every(
      ({ hash, from }) => !wallets.has(from) || signed.has(hash) || foreign.has(hash),
    );
    if (isKnown) return;
    await mirror.refresh(client, tell);
    await chain.follow();
  }
}

const READINGS_MAX = 20;

async function askNode(
  rpc: Rpc,
  chain: Chain,
  db: Tables,
  isFull: boolean,
): Promise<Pick<World, 'nodeTokens' | 'nodeSupply'>> {
  const at = hex(chain.height);
  const touched = chain.takeTouched();
  const all = [...chain.tokens].flatMap(([contract, holders]) =>
    [...holders.keys()].map((address) => `${contract} ${address}`),
  );
  const holdings = isFull ? all : touched;
  const contracts = [...db.tokens.values()].flatMap(({ contract }) => (contract === null ? [] : [contract]));
  const answers = (await rpc([
    ...holdings.map((holding) => ({ method: 'sct_getContractAccount', params: [...holding.split(' '), at] })),
    ...contracts.map((contract) => ({ method: 'sct_getContract', params: [contract, at] })),
  ])) as ({ balance?: string; total?: string } | null)[];
  return {
    nodeTokens: new Map(holdings.map((holding, index) => [holding, BigInt(answers[index]?.balance ?? 0)])),
    nodeSupply: new Map(
      contracts.map((contract, index) => [contract, BigInt(answers[holdings.length + index]?.total ?? 0)]),
    ),
  };
}
