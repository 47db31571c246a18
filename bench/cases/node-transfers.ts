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
import { transfersFigures, transfersPlots, transfersText, type TransfersRun } from '../transfers/report.ts';
import { measureRound, WARM_UP_SECONDS, type TransferRound } from '../transfers/round.ts';
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
const SIGNED_PER_SECOND = 12_000;
const RECOVER_SECONDS = 2;

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

  const recoverPerSecond: number[] = [];
  const rounds: TransferRound[] = [];
  for (const batch of [1, BATCH]) {
    for (const { kind, start } of contestants) {
      recoverPerSecond.push(await recover());
      say(`${kind}, ${batch === 1 ? 'single calls' : `batches of ${batch}`}: ${seconds} s …`);
      const chain = await start();
      const ended = closing.adopt(chain, (each) => each.stop());
      rounds.push(await measureRound(generator, ended, { file: fileOf(kind), plan, batch, seconds }));
      await chain.stop();
    }
  }
  recoverPerSecond.push(await recover());
  return report({ rounds, recoverPerSecond });
}

function report(run: TransfersRun): CaseReport {
  const { rounds } = run;
  return {
    text: transfersText(run),
    figures: transfersFigures(run),
    samples: {
      rounds: rounds.map((round) => ({
        ...round,
        load: { ...round.load, samplesMs: roundedSamples(round.load.samplesMs) },
      })),
    },
    plots: transfersPlots(run),
    errors: rounds.reduce((sum, { load, failed }) => sum + load.errors + failed, 0),
  };
}
