/** The platform that every world begins with, as `setup.ts` makes and opens it. */
import type { Config } from '../../apps/server/src/config.ts';
import type { MemberSession, Secrets } from '../../apps/server/src/platform/index.ts';
import type { SimulatedNode } from './chain/node.ts';
import type { ChainState } from './chain/state.ts';
import type { Snapshot } from './database/snapshot.ts';
import type { Wire } from './database/wire.ts';

export interface SimulatedMember {
  id: string;
  name: string;
  maskedName: string;
  /** Both find the member, as the name does. */
  phone: string;
  receiveCode: string;
  walletId: string;
  address: string;
  privateKey: Uint8Array;
  session: MemberSession;
  /** `payees.id` of the others, by member UUID. */
  payeeIds: Map<string, string>;
}

/** A platform as it lies there, to be opened as often as needed, in any thread. */
export interface Image {
  /** PGlite's data folder as a tar file. */
  database: Blob;
  snapshot: Snapshot;
  /** The platform's keystores and passphrase, by file name. */
  files: ReadonlyMap<string, Uint8Array>;
  chain: Pick<ChainState, 'accounts' | 'tokens' | 'executed' | 'issued'>;
  blocks: SimulatedNode['blocks'];
  members: SimulatedMember[];
  treasury: string;
  reserve: string;
  token: { id: string; contract: string; symbol: string };
}

/** What all worlds of a run share. */
export interface Platform extends Omit<Image, 'database' | 'files' | 'chain' | 'blocks'> {
  wire: Wire;
  config: Config;
  secrets: Secrets;
  chain: ConstructorParameters<typeof SimulatedNode>[2];
}
