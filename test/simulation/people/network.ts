/** The way from people to servers: a request reaches any server, and its answer may be lost, by the network or with the server. */
import { AppError } from '../../../apps/server/src/platform/index.ts';
import type { Deps } from '../../../apps/server/src/deps.ts';
import { isOfAFault } from '../explained.ts';
import type { SimulatedServer } from '../server.ts';
import type { Surroundings } from '../surroundings.ts';
import { Violation } from '../violation.ts';
import type { Reply } from './told.ts';

const TRAVEL_MS = 2;
/** As long as a browser waits. */
const PATIENCE_MS = 15_000;

export class Network {
  readonly #surroundings: Surroundings;
  readonly #servers: () => readonly SimulatedServer[];

  constructor(surroundings: Surroundings, servers: () => readonly SimulatedServer[]) {
    this.#surroundings = surroundings;
    this.#servers = servers;
  }

  /** Sends one request. `text`: the answer's bytes. */
  async ask(what: string, work: (deps: Deps) => Promise<string>): Promise<Reply> {
    const { scheduler, outside, faults } = this.#surroundings;
    await scheduler.sleep(scheduler.latency(TRAVEL_MS), outside, `ask ${what}`);
    const alive = this.#servers().filter((server) => server.isAlive);
    if (alive.length === 0) return { kind: 'lost' };
    const server = scheduler.random.pick(alive);
    return await new Promise<Reply>((resume) => {
      const end = (reply: Reply) => {
        server.onDeath.delete(lost);
        giveUp();
        scheduler.trace.note(`  told ${what}: ${reply.kind}${reply.kind === 'refused' ? ` ${reply.code}` : ''}`);
        resume(reply);
      };
      const lost = () => end({ kind: 'lost' });
      const giveUp = scheduler.after(PATIENCE_MS, outside, `${what}: patience ends`, lost);
      server.onDeath.add(lost);
      const answer = (reply: Reply) => {
        if (!server.isAlive || faults.happens('httpLost')) return;
        scheduler.after(scheduler.latency(TRAVEL_MS), outside, `answer ${what}`, () => end(reply));
      };
      work(server.deps).then(
        (text) => answer({ kind: 'answer', text }),
        (error: unknown) => {
          const reply = replyOf(error);
          if (reply.kind === 'broken' && !isOfAFault(error))
            this.#surroundings.defect(new Violation('no unexplained error', `${what}: ${textOf(error)}`));
          answer(reply);
        },
      );
    });
  }
}

function replyOf(error: unknown): Reply {
  if (error instanceof AppError) return { kind: 'refused', code: error.code };
  return { kind: 'broken', error };
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
