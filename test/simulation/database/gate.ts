/**
 * The database as the simulated servers meet it: connections whose statements wait for their turn, may be lost with or without
 * their effect, and may be refused for a deadlock. PGlite has one session, so transactions of different connections run one
 * after the other; what real ones do side by side is for the tests of races against a real PostgreSQL.
 */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database, Db } from '../../../apps/server/src/platform/index.ts';
import { types } from '../../../apps/server/src/platform/db.ts';
import type { DatabaseFaults } from '../faults.ts';
import type { Owner, Scheduler } from '../scheduler.ts';
import { WireStream } from './stream.ts';
import type { Wire } from './wire.ts';

/** As `DATABASE_CONNECTIONS` has it. */
const CONNECTIONS_MAX = 12;
const STATEMENT_MS = 0.4;
const READY_IDLE = Buffer.of(0x5a, 0, 0, 0, 5, 0x49);

interface Turn {
  stream: WireStream;
  request: Buffer;
  owner: Owner;
}

export class Gate {
  readonly #scheduler: Scheduler;
  readonly #wire: Wire;
  readonly #faults: DatabaseFaults;
  /** Whose transaction is open. */
  #holder: Turn | undefined;
  #waiting: Turn[] = [];
  /** Ends the process that waits for this answer. */
  readonly #kill: (owner: Owner) => void;

  constructor(scheduler: Scheduler, wire: Wire, faults: DatabaseFaults, kill: (owner: Owner) => void) {
    this.#scheduler = scheduler;
    this.#wire = wire;
    this.#faults = faults;
    this.#kill = kill;
  }

  /** Is no transaction open, so that somebody may look at committed rows? */
  get isQuiet(): boolean {
    return this.#holder === undefined;
  }

  /** A pool of one process. */
  open(owner: Owner): Db {
    const free: pg.Client[] = [];
    let count = 0;
    const waiting: ((client: pg.Client) => void)[] = [];
    const connect = async (): Promise<pg.Client> => {
      const client = free.pop();
      if (client !== undefined) return client;
      if (count >= CONNECTIONS_MAX) return await new Promise((resume) => void waiting.push(resume));
      count++;
      return await this.#connect(owner);
    };
    const pool = {
      connect: async () => {
        const client = await connect();
        return {
          query: (text: string, values: unknown[]) => client.query({ ...this.#named(text), text, values }),
          release: () => {
            const stream = streams.get(client)!;
            if (!stream.writable) {
              count--;
              const next = waiting.shift();
              if (next !== undefined) {
                count++;
                void this.#connect(owner).then(next);
              }
              return;
            }
            const next = waiting.shift();
            if (next === undefined) free.push(client);
            else next(client);
          },
        };
      },
      end: async () => {},
    };
    return new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool as never }) });
  }

  /** A dead process leaves nothing behind but what it has committed. */
  forget(owner: Owner): void {
    this.#waiting = this.#waiting.filter((turn) => turn.owner !== owner);
    if (this.#holder?.owner === owner) this.#abandon();
  }

  #named(text: string): { name?: string } {
    if (/^(?:begin|commit|rollback|savepoint|release|set )/i.test(text.trimStart())) return {};
    const name = this.#wire.nameOf(text);
    return name === undefined ? {} : { name };
  }

  async #connect(owner: Owner): Promise<pg.Client> {
    // Instants are said in UTC: what is said is part of a world's hash, which is the same in every time zone.
    pg.defaults.parseInputDatesAsUTC = true;
    const stream = new WireStream((from, request) => this.#queue({ stream: from, request, owner }));
    const client = new pg.Client({ stream: () => stream as never, types, user: 'jigeum_app', password: '' });
    // The query that a lost connection carried is rejected by itself.
    client.on('error', () => undefined);
    (client as never as { connection: { parsedStatements: unknown } }).connection.parsedStatements =
      this.#wire.prepared;
    streams.set(client, stream);
    await client.connect();
    return client;
  }

  #queue(turn: Turn, ms = this.#scheduler.latency(STATEMENT_MS)): void {
    this.#scheduler.after(ms, turn.owner, 'db', () => this.#take(turn));
  }

  #take(turn: Turn): void {
    if (this.#holder !== undefined && this.#holder.stream !== turn.stream) {
      this.#waiting.push(turn);
      return;
    }
    const { trace } = this.#scheduler;
    const isCommit = turn.request[0] === 0x51 && turn.request.toString('latin1', 5, 11) === 'commit';
    const isRollback = turn.request[0] === 0x51 && turn.request.toString('latin1', 5, 13) === 'rollback';
    const isInTransaction = this.#holder !== undefined && !isRollback;
    const fault = this.#faults.next({ isCommit, isInTransaction });
    trace.note(`  ${this.#shown(turn.request)}${fault === 'none' ? '' : ` FAULT ${fault}`}`);
    const isRepeatable = this.#wire.isRepeatable(nameIn(turn.request));
    if (isRepeatable) trace.bytes(turn.request);
    switch (fault) {
      case 'lost-before':
        this.#lose(turn);
        return;
      case 'killed-before':
        this.#abandon();
        this.#kill(turn.owner);
        return;
      case 'deadlock':
      case 'serialization':
        this.#reply(turn, this.#refusal(fault === 'deadlock' ? '40P01' : '40001', isCommit));
        return;
      case 'none':
      case 'slow':
      case 'lost-after':
      case 'killed-after': {
        const answer = this.#wire.exec(turn.request);
        if (fault === 'lost-after') {
          this.#lose(turn);
        } else if (fault === 'killed-after') {
          this.#settle(turn);
          this.#kill(turn.owner);
        } else if (fault === 'slow') {
          this.#settle(turn);
          if (isRepeatable) trace.bytes(withoutParse(answer));
          this.#scheduler.after(this.#faults.slowMs(), turn.owner, 'db answers late', () => turn.stream.answer(answer));
        } else this.#reply(turn, answer);
      }
    }
  }

  #refusal(code: string, isCommit: boolean): Buffer {
    const answer = this.#wire.fail(code);
    if (!isCommit) return answer;
    // A COMMIT that fails ends its transaction.
    this.#wire.rollBack();
    return Buffer.concat([answer.subarray(0, -READY_IDLE.length), READY_IDLE]);
  }

  #reply(turn: Turn, answer: Buffer): void {
    if (this.#wire.isRepeatable(nameIn(turn.request))) this.#scheduler.trace.bytes(withoutParse(answer));
    this.#settle(turn);
    turn.stream.answer(answer);
  }

  /** The beginning of a statement. */
  #shown(request: Buffer): string {
    const text = this.#wire.prepared[nameIn(request)] ?? request.toString('latin1', 5);
    return text
      .replaceAll(/[^ -~]+|\s+/g, ' ')
      .trim()
      .slice(0, 90);
  }

  #lose(turn: Turn): void {
    this.#abandon();
    turn.stream.breakDown();
  }

  /** What PostgreSQL does when the holder's connection is gone. */
  #abandon(): void {
    this.#wire.rollBack();
    this.#holder = undefined;
    this.#wakeAll();
  }

  #settle(turn: Turn): void {
    if (this.#wire.isInTransaction) {
      this.#holder = turn;
      return;
    }
    this.#holder = undefined;
    this.#wakeAll();
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const turn of waiting) this.#queue(turn);
  }
}

const streams = new WeakMap<pg.Client, WireStream>();

/** The prepared statement that a request binds: its first message is a Bind, with the names of portal and statement. */
function nameIn(request: Buffer): string {
  if (request[0] !== 0x42) return '';
  const from = request.indexOf(0, 5) + 1;
  return request.toString('latin1', from, request.indexOf(0, from));
}

const withoutParse = (answer: Buffer): Buffer => (answer[0] === 0x31 ? answer.subarray(5) : answer);
