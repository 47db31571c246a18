/** How much processor time a process has used, as Linux tells of it. */
import { existsSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second for programs (USER_HZ), on every machine that Node runs on. */
const MS_PER_TICK = 10;

/** Milliseconds in user and system mode of all threads since the process began; undefined where there is no /proc. */
export function cpuTimeMs(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? parseStat(readFileSync(file, 'utf8')) : undefined;
}

/** Reads fields 14 and 15 of `proc_pid_stat(5)`. The second field is a name in brackets that may itself hold blanks and brackets. */
export function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map((field) => Number.parseInt(field ?? '', 10));
  if (user === undefined || system === undefined || !Number.isInteger(user + system))
    throw new Error(`Expected a line of /proc/<pid>/stat, got ${JSON.stringify(text.slice(0, 200))}.`);
  return (user + system) * MS_PER_TICK;
}
