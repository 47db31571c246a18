/** One PostgreSQL in this process (PGlite): bytes of its protocol in, bytes out, at once. All connections share its one session. */
import { createHash } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';

const BEGIN_ERROR = "do $$ begin raise exception 'A fault on purpose.' using errcode = '%'; end $$";

/** The database of a run. Worlds follow one another in it: each begins with the same rows. */
export class Wire {
  readonly #db: PGlite;
  /** Names of prepared statements by their text. The session keeps them, whichever connection made them. */
  readonly #names = new Map<string, string>();
  /** What `pg` looks up before it prepares a statement. */
  readonly prepared: Record<string, string> = {};

  constructor(db: PGlite) {
    this.#db = db;
  }

  /** A new database, or one that was dumped before. */
  static async open(dump?: Blob): Promise<Wire> {
    return new Wire(await PGlite.create(dump === undefined ? {} : { loadDataDir: dump }));
  }

  /** Everything, as a tar file. */
  dump(): Promise<Blob> {
    return this.#db.dumpDataDir('none');
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  /** Runs messages of the protocol. */
  exec(message: Uint8Array): Buffer {
    const answer = Buffer.from(this.#db.execProtocolRawSync(message));
    // ReadyForQuery ends every answer; its last byte is I (idle), T (in a transaction) or E (in one that has failed).
    this.isInTransaction = answer.at(-1) !== 0x49;
    return answer;
  }

  isInTransaction = false;

  /** Runs a text without parameters, as one simple query. */
  run(text: string): Buffer {
    return this.exec(queryMessage(text));
  }

  /** Ends the open transaction, as PostgreSQL does when a connection is gone. */
  rollBack(): void {
    if (this.isInTransaction) this.run('rollback');
  }

  /** Makes the open transaction fail with an SQLSTATE. Returns what a client reads. */
  fail(code: string): Buffer {
    return this.run(BEGIN_ERROR.replace('%', code));
  }

  /** The name under which a statement is prepared; prepares it when it is first seen. Undefined where it cannot be now: in a transaction that has failed. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const answer = this.exec(Buffer.concat([parseMessage(name, text), SYNC]));
    // '1': ParseComplete.
    if (answer[0] !== 0x31) return undefined;
    this.#names.set(text, name);
    this.prepared[name] = text;
    return name;
  }

  /** False where rows hold numbers of transactions or of the cluster, which are others in each run. */
  isRepeatable(name: string): boolean {
    return !/audit_|pg_current|pg_snapshot|xid|system_identifier|pg_locks/.test(this.prepared[name] ?? '');
  }

  /**
   * Rows of a query as the owner of the schema, outside of any connection. Not while a transaction is open. Values come as JSON
   * has them: cast to text what is larger than a number.
   */
  rows<T>(query: string): T[] {
    const answer = this.asOwner(`select coalesce(json_agg(t), '[]')::text from (${query}) t`);
    const rowAt = messagesOf(answer).find(({ kind }) => kind === 'D');
    // One row of one column: a count of two bytes, a length of four.
    return JSON.parse(rowAt!.body.toString('utf8', 6)) as T[];
  }

  /** Statements as the owner of the schema. Throws what PostgreSQL refuses. */
  asOwner(text: string): Buffer {
    this.run('reset role');
    const answer = this.run(text);
    const refusal = messagesOf(answer).find(({ kind }) => kind === 'E');
    if (refusal !== undefined)
      throw new Error(`PostgreSQL: ${refusal.body.toString('utf8').replaceAll('\0', ' ')} in ${text.slice(0, 200)}`);
    this.run('set role jigeum_app');
    return answer;
  }
}

function messagesOf(answer: Buffer): { kind: string; body: Buffer }[] {
  const messages: { kind: string; body: Buffer }[] = [];
  for (let at = 0; at < answer.length;) {
    const length = answer.readInt32BE(at + 1);
    messages.push({ kind: String.fromCharCode(answer[at]!), body: answer.subarray(at + 5, at + 1 + length) });
    at += 1 + length;
  }
  return messages;
}

const SYNC = Buffer.of(0x53, 0, 0, 0, 4);

const queryMessage = (text: string): Buffer => message('Q', Buffer.from(`${text}\0`));

/** Types are left to the server, as `pg` leaves them. */
const parseMessage = (name: string, text: string): Buffer =>
  message('P', Buffer.concat([Buffer.from(`${name}\0${text}\0`), Buffer.of(0, 0)]));

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
