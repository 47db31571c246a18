/** Signed SCT20 transfers into a durable work node through JSON-RPC, counted when they are in blocks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase, BenchSetting, CaseReport } from '../bench-case.ts';
import { startChild } from '../child.ts';
import { evmTokenContract, findAnvil, startAnvil } from '../evm/anvil.ts';
import { startLoadGenerator } from '../load/generator.ts';
import type { RecoverOrder } from '../programs/recover-worker.ts';
import type { ChainUnderTest } from '../transfers/chain.ts';
import { peopleOf, type TransferPlan } from '../transfers/plan.ts';
import { roundedSamples } from '../report.ts';
import {
  allRounds,
  transfersFigures,
  transfersPlots,
  transfersText,
  type TransfersRun,
  type TurnsBeside,
} from '../transfers/report.ts';
import { transferRounds, WARM_UP_SECONDS, type TransferRound, type TransferRounds } from '../transfers/round.ts';
import { makeSlots, signAll, type ChainKind } from '../transfers/sign.ts';
import { tokenContract } from '../transfers/hand-out.ts';
import { startTokenNode } from '../transfers/work-node.ts';

export const nodeTransfers: BenchCase = {
  name: 'node-transfers',
  explains: 'signed token transfers until they are in blocks of a work node, single and in batches',
  secondsDefault: 60,
  connectionsDefault: 32,
  connectionsMax: 500,
  run,
};

/** Transfers in one request, for the rounds with batches. */
const BATCH = 50;
/** About a thousand senders: as many people as pay within a few minutes. */
const PEOPLE_ABOUT = 1_000;
/** Signed for each second and side: more than is sent, and what is left over was signed for nothing. */
const SIGNED_PER_SECOND = 16_000;
const RECOVER_SECONDS = 2;
/** Of a turn where two chains are loaded by turns: many blocks long, and short beside the moods of a machine. */
const TURN_SECONDS = 10;

/** A chain to measure, and the file of what is sent to it. */
interface Contestant {
  readonly kind: ChainKind;
  readonly contract: string;
  readonly start: () => Promise<ChainUnderTest>;
}

async function run(setting: BenchSetting): Promise<CaseReport> {
  const { seconds, connections, closing, say } = setting;
  const plan: TransferPlan = {
    lists: connections,
    slotsPerList: Math.ceil((SIGNED_PER_SECOND * (seconds + WARM_UP_SECONDS)) / connections),
    peoplePerList: Math.ceil(PEOPLE_ABOUT / connections),
    firstNonce: 0,
  };
  const people = peopleOf(plan);
  const contestants: Contestant[] = [
    {
      kind: 'symverse',
      contract: tokenContract(people),
      start: () => startTokenNode({ people, profileFolder: setting.profileFolder }),
    },
  ];
  const anvil = findAnvil();
  if (anvil === undefined) say('anvil is not packaged for this system: its side is left out.');
  else contestants.push({ kind: 'evm', contract: evmTokenContract(people), start: () => startAnvil(anvil, people) });
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-bench-'));
  closing.defer(() => rmSync(folder, { recursive: true, force: true }));
  const fileOf = (kind: ChainKind): string => join(folder, `${kind}.slots`);
  for (const { kind, contract } of contestants) {
    say(`Signing ${plan.lists * plan.slotsPerList} transfers of ${people} people (${kind}) …`);
    const file = fileOf(kind);
    makeSlots(file, plan.lists * plan.slotsPerList);
    await signAll({ kind, plan, contract, file });
  }

  const generator = await startLoadGenerator();
  closing.defer(() => generator.stop());
  const recoverer = await startChild(new URL('../programs/recover-worker.ts', import.meta.url));
  closing.defer(() => recoverer.stop());
  const recover = async (): Promise<number> => {
    const order: RecoverOrder = { file: fileOf('symverse'), seconds: RECOVER_SECONDS };
    return (await recoverer.ask<{ perSecond: number }>(order)).perSecond;
  };
  // Its first answer is that of code that is not compiled yet.
  await recover();

  const begin = async ({ kind, start }: Contestant, batch: number): Promise<Begun> => {
    const chain = await start();
    const ended = closing.adopt(chain, (each) => each.stop());
    const rounds = transferRounds(generator, ended, { file: fileOf(kind), plan, batch });
    await rounds.warmUp();
    return { chain, rounds };
  };

  const [ours, other] = contestants;
  const recoverPerSecond: number[] = [];
  const rounds: TransferRound[] = [];
  const turns: TurnsBeside[] = [];
  for (const batch of [1, BATCH]) {
    const what = batch === 1 ? 'single calls' : `batches of ${batch}`;
    recoverPerSecond.push(await recover());
    say(`work node, ${what}: ${seconds} s …`);
    const alone = await begin(ours!, batch);
    rounds.push(await alone.rounds.measure(seconds));
    await alone.chain.stop();

    if (other === undefined) continue;
    recoverPerSecond.push(await recover());
    const turnSeconds = Math.min(TURN_SECONDS, seconds);
    const count = Math.ceil(seconds / turnSeconds);
    say(`work node and anvil by turns, ${what}: ${count} × ${turnSeconds} s each …`);
    const [left, right] = [await begin(ours!, batch), await begin(other, batch)];
    const pairs: TurnsBeside['pairs'][number][] = [];
    for (let turn = 0; turn < count; turn++) pairs.push(await pairOf(left.rounds, right.rounds, turn, turnSeconds));
    turns.push({ batch, pairs });
    await Promise.all([left.chain.stop(), right.chain.stop()]);
  }
  recoverPerSecond.push(await recover());
  return report({ rounds, turns, recoverPerSecond });
}

interface Begun {
  readonly chain: ChainUnderTest;
  readonly rounds: TransferRounds;
}

/** A turn of each; who comes first changes. */
async function pairOf(ours: TransferRounds, others: TransferRounds, turn: number, seconds: number) {
  if (turn % 2 === 0) return { ours: await ours.measure(seconds), other: await others.measure(seconds) };
  const other = await others.measure(seconds);
  return { ours: await ours.measure(seconds), other };
}

function report(run: TransfersRun): CaseReport {
  const all = allRounds(run);
  return {
    text: transfersText(run),
    figures: transfersFigures(run),
    samples: {
      rounds: all.map((round) => ({
        ...round,
        load: { ...round.load, samplesMs: roundedSamples(round.load.samplesMs) },
      })),
    },
    plots: transfersPlots(run),
    errors: all.reduce((sum, { load, failed }) => sum + load.errors + failed, 0),
  };
}
