/** Where encrypted keys are kept: a folder with one version-3 keystore for each SymID, or memory for a node without a folder. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSymId, type SymId } from '@jigeum/symverse';
import { makeFolder } from '../storage/durable.ts';

/** Texts of keystore files by SymID. Nothing is ever overwritten or deleted. */
export interface KeyFiles {
  list(): SymId[];
  read(symId: SymId): string | undefined;
  /** Keeps a new file; the caller has made sure that there is none. */
  add(symId: SymId, text: string): void;
}

/** Files in a folder, named after their SymIDs as gsym names them: 20 hex digits. `write` makes a file that only this account may read. */
export function keyFolder(path: string, write: (file: string, content: string) => void): KeyFiles {
  makeFolder(path);
  const fileOf = (symId: SymId): string => join(path, `${symId.slice(2)}.json`);
  return {
    list: () =>
      readdirSync(path)
        .map((file) => `0x${file.replace(/\.json$/, '')}`)
        .filter(isSymId)
        .toSorted(),
    read: (symId) => (existsSync(fileOf(symId)) ? readFileSync(fileOf(symId), 'utf8') : undefined),
    add: (symId, text) => write(fileOf(symId), `${text}\n`),
  };
}

/** Files that end with the process. */
export function keyMemory(): KeyFiles {
  const files = new Map<SymId, string>();
  return {
    list: () => [...files.keys()].toSorted(),
    read: (symId) => files.get(symId),
    add: (symId, text) => void files.set(symId, text),
  };
}
