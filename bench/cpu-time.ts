/** How much processor time a process has used, as Linux tells of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second for programs (USER_HZ), on every machine that Node runs on. */
const MS_PER_TICK = 10;

/** Milliseconds in user and system mode of all threads since the process began; undefined where there is no /proc. */
export function cpuTimeMs(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? parseStat(readFileSync(file, 'utf8')) : undefined;
}

/** A line of /proc/<pid>/stat, as far as time is concerned. */
export interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  /** Of all threads, in user and system mode, and of children that have ended and were waited for. */
  readonly ownMs: number;
  readonly endedChildrenMs: number;
}

/**
 * Milliseconds in user and system mode of a process and everything below it: children that live, and those that have ended.
 * Zero where there is no such process, and where there is no /proc.
 */
export function cpuTimeOfTreeMs(root: number): number {
  return existsSync('/proc') ? sumOfTree(readProcesses(), root) : 0;
}

/** The sum over a process and all its descendants. */
export function sumOfTree(processes: readonly ProcessTime[], root: number): number {
  const own = processes.find(({ pid }) => pid === root);
  if (own === undefined) return 0;
  const children = processes.filter(({ parent }) => parent === root);
  return own.ownMs + own.endedChildrenMs + children.reduce((sum, { pid }) => sum + sumOfTree(processes, pid), 0);
}

function readProcesses(): ProcessTime[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseProcess(readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch (error) {
        // It has ended since the folder was read.
        if (['ENOENT', 'ESRCH'].includes(String((error as { code?: unknown }).code))) return [];
        throw error;
      }
    });
}

/** Reads fields 1, 4 and 14 to 17 of `proc_pid_stat(5)`. */
export function parseProcess(text: string): ProcessTime {
  const [parent, user, system, childrenUser, childrenSystem] = fieldsOf(text, [4, 14, 15, 16, 17]);
  return {
    pid: Number.parseInt(text, 10),
    parent: parent!,
    ownMs: (user! + system!) * MS_PER_TICK,
    endedChildrenMs: (childrenUser! + childrenSystem!) * MS_PER_TICK,
  };
}

/** Reads fields 14 and 15 of `proc_pid_stat(5)`. */
export function parseStat(text: string): number {
  const [user, system] = fieldsOf(text, [14, 15]);
  return (user! + system!) * MS_PER_TICK;
}

/** Whole numbers by their number in the manual page. The second field is a name in brackets that may itself hold blanks and brackets. */
function fieldsOf(text: string, numbers: readonly number[]): number[] {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const values = numbers.map((number) => Number.parseInt(fields[number - 3] ?? '', 10));
  if (values.some((value) => !Number.isInteger(value)))
    throw new Error(`Expected a line of /proc/<pid>/stat, got ${JSON.stringify(text.slice(0, 200))}.`);
  return values;
}
