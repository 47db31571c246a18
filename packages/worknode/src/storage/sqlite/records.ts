/** Single facts by name: the format, the genesis, and how far each part of the storage has come. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { BlocksProgress } from './blocks.ts';
import type { CitizensProgress } from './citizens.ts';
import { EMPTY_INDEX } from './hash-index.ts';
import type { HistoryProgress } from './history.ts';
import type { JournalProgress } from './journal.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';
import type { StateProgress } from './state-rows.ts';

export const RECORD_TABLES = `
create table record (name text primary key, row blob not null) without rowid;
`;

/** Written with every commit. */
export interface Progress {
  readonly commits: number;
  readonly blocks: BlocksProgress;
  readonly citizens: CitizensProgress;
  readonly state: StateProgress;
  readonly history: HistoryProgress;
  readonly journal: JournalProgress;
}

export const NO_PROGRESS: Progress = {
  commits: 0,
  blocks: { count: 0, byHash: EMPTY_INDEX, transactions: EMPTY_INDEX },
  citizens: { count: 0, byHash: EMPTY_INDEX, records: EMPTY_INDEX },
  state: { change: 0, swept: 0, rowCount: 0, pageCount: 0 },
  history: { oldest: 1, open: 1 },
  journal: { next: 1, count: 0 },
};

export class Records {
  readonly #get: StatementSync;
  readonly #put: StatementSync;

  constructor(db: DatabaseSync) {
    this.#get = db.prepare('select row from record where name = ?');
    this.#get.setReturnArrays(true);
    this.#put = db.prepare('insert into record (name, row) values (?, ?) on conflict do update set row = excluded.row');
  }

  text(name: string): string | undefined {
    const found = this.#get.get(name) as unknown as [Uint8Array] | undefined;
    if (found === undefined) return undefined;
    try {
      return Buffer.from(new SealedReader(0, found[0]).blob()).toString('utf8');
    } catch (cause) {
      if (!(cause instanceof BrokenSealError)) throw cause;
      throw new BrokenSealError(`the record "${name}" is damaged: ${cause.message}`, { cause });
    }
  }

  putText(name: string, text: string): void {
    this.#put.run(name, new SealedWriter().blob(Buffer.from(text)).seal(0));
  }

  progress(): Progress {
    const text = this.text('progress');
    if (text === undefined) throw new BrokenSealError('the record "progress" is missing');
    return JSON.parse(text) as Progress;
  }

  putProgress(progress: Progress): void {
    this.putText('progress', JSON.stringify(progress));
  }
}
