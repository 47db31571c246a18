/** All that stands around the servers of a world: virtual time, faults, the node, the database and the bank. */
import type { Secrets } from '../../apps/server/src/platform/index.ts';
import type { Config } from '../../apps/server/src/config.ts';
import { SimulatedBank } from './bank.ts';
import { SimulatedNode } from './chain/node.ts';
import { Faults } from './faults.ts';
import { Gate } from './database/gate.ts';
import type { Wire } from './database/wire.ts';
import { Scheduler, type Owner } from './scheduler.ts';

export interface Surroundings {
  scheduler: Scheduler;
  faults: Faults;
  node: SimulatedNode;
  gate: Gate;
  wire: Wire;
  bank: SimulatedBank;
  config: Config;
  /** The opened platform wallets belong to these: all servers of a run share them. */
  secrets: Secrets;
  /** The operator, the network and others who never die. */
  outside: Owner;
  /** Servers' timers run so many times slower. Jobs are poked when there is work, so a long and quiet time costs fewer steps. */
  timerFactor: number;
  /** Ends the process that an owner stands for. */
  kill(owner: Owner): void;
  /** Breaks the world off: something happened that no fault explains. */
  defect(error: unknown): void;
}

/** Puts the parts together. `kill` and `defect` are the world's. */
export function surround(input: {
  seed: string;
  index: number;
  wire: Wire;
  config: Config;
  secrets: Secrets;
  node: ConstructorParameters<typeof SimulatedNode>[2];
  kill(owner: Owner): void;
  defect(error: unknown): void;
  timerFactor?: number;
}): Surroundings {
  const scheduler = new Scheduler(input.seed, input.index);
  const faults = new Faults(scheduler.random);
  const outside: Owner = { name: 'outside', isAlive: true };
  const gate = new Gate(scheduler, input.wire, faults.database, input.kill);
  return {
    scheduler,
    faults,
    node: new SimulatedNode(scheduler, faults, input.node),
    gate,
    wire: input.wire,
    bank: new SimulatedBank(scheduler, faults),
    config: input.config,
    secrets: input.secrets,
    outside,
    timerFactor: input.timerFactor ?? 1,
    kill: input.kill,
    defect: input.defect,
  };
}
