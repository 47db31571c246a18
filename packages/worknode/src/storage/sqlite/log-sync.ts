/**
 * Waits until the disk has SQLite's write-ahead log. SQLite itself would wait at each commit, and the thread with it; here the
 * caller says whether it waits now or hears of it later.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

export class LogSync {
  readonly #fd: number;
  #pending = 0;
  #isClosed = false;

  /** Opens the log of a database that is open. SQLite keeps its locks on the database file, so that this one may be opened twice. */
  constructor(file: string) {
    this.#fd = openSync(file, 'r+');
  }

  /** Returns when the disk has everything. */
  now(): void {
    fdatasyncSync(this.#fd);
  }

  /** Resolves when the disk has everything that was written before. */
  later(): Promise<void> {
    this.#pending++;
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        this.#pending--;
        this.#closeWhenQuiet();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Lets what is under way end first. */
  close(): void {
    this.#isClosed = true;
    this.#closeWhenQuiet();
  }

  #closeWhenQuiet(): void {
    if (this.#isClosed && this.#pending === 0) closeSync(this.#fd);
  }
}
