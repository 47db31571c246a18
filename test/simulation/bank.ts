/** The simulated bank: deposits that it has seen, and what it says when it is asked back. */
import type { BankDeposit, BankGateway } from '../../apps/server/src/deps.ts';
import type { Faults } from './faults.ts';
import type { Owner, Scheduler } from './scheduler.ts';

export class SimulatedBank {
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  /** By the bank's reference: each is money that has come. */
  readonly deposits = new Map<string, BankDeposit>();

  constructor(scheduler: Scheduler, faults: Faults) {
    this.#scheduler = scheduler;
    this.#faults = faults;
  }

  /** The bank as one process reaches it. A notice is signed where its signature says so: what real ones are made of is tested elsewhere. */
  gateway(owner: Owner): BankGateway {
    return {
      isSigned: (_, signature) => signature === SIGNATURE,
      confirm: async (bankRef) => {
        await this.#scheduler.sleep(this.#scheduler.latency(5), owner, 'bank');
        if (this.#faults.happens('bankLies')) {
          if (this.#scheduler.random.oneIn(2)) return { kind: 'unknown', cause: 'no answer' };
          return { kind: 'absent' };
        }
        const deposit = this.deposits.get(bankRef);
        return deposit === undefined ? { kind: 'absent' } : { kind: 'found', deposit };
      },
    };
  }
}

export const SIGNATURE = 'signed by the bank';
