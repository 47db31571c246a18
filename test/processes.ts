/** Which processes run on a data folder: by their command line, as `pgrep -f` would find them. */
import { readdirSync, readFileSync } from 'node:fs';

/** Command lines that name any of the given texts, with their pids; this process is left out. */
export function processesNaming(...texts: string[]): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))) {
    const pid = Number.parseInt(name, 10);
    if (pid === process.pid) continue;
    const command = readCommand(pid);
    if (texts.some((text) => command.includes(text))) found.push({ pid, command });
  }
  return found;
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    // It has ended in the meantime.
    return '';
  }
}

/** The process and all that descend from it. */
export function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number.parseInt(name, 10), Number.parseInt(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]!, 10));
    } catch {
      // It has ended in the meantime.
    }
  }
  const family = [root];
  for (let index = 0; index < family.length; index++) {
    for (const [pid, parent] of parents) if (parent === family[index]) family.push(pid);
  }
  return family;
}

/** Those of the given pids that still run (a zombie does not). */
export const alive = (pids: readonly number[]): number[] => pids.filter((pid) => readCommand(pid) !== '');
