/** What a figure was measured on; without it a figure says nothing. */
import { arch, cpus, freemem, loadavg, platform, release, totalmem } from 'node:os';

export interface MachineFacts {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Average of the last minute before the run: above 0 something else was busy. */
  readonly loadAverage: number;
  readonly system: string;
  readonly node: string;
}

export function machineFacts(): MachineFacts {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    loadAverage: loadavg()[0] ?? 0,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** One line for people. */
export function formatMachine(facts: MachineFacts): string {
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  return [
    `${facts.cores} cores (${facts.processor})`,
    `${gib(facts.memoryBytes)} GiB memory, ${gib(facts.freeMemoryBytes)} free`,
    `load ${facts.loadAverage.toFixed(2)} before the run`,
    facts.system,
    `node ${facts.node}`,
  ].join('; ');
}
