/** Gives people the token that they are to pay each other with. */
import { toHex0x } from '@jigeum/std';
import { contractAddress, type SymId } from '@jigeum/symverse';
import { askRpc, askRpcBatch } from '../http/json-rpc.ts';
import type { ChainUnderTest } from './chain.ts';
import { personOf, signCall } from './people.ts';

/** One token, in base units. */
const TOKEN = 10n ** 18n;
const SUPPLY = 10_000_000_000n * TOKEN;
const SHARE = 1_000n * TOKEN;
/** What one sender may have in the pool at once. */
const AT_ONCE = 4_000;

/** The token of a node with so many people: the person after the last creates it and gives each a share. */
export const tokenContract = (people: number): SymId => contractAddress(personOf(people).symId, 0n);

/** Creates the token and gives everyone a share, as fast as the owner's place in the pool allows. */
export async function handOut(chain: ChainUnderTest, people: number): Promise<void> {
  const url = `${chain.origin}${chain.path}`;
  const owner = personOf(people);
  const contract = tokenContract(people);
  const create = {
    method: 'create',
    name: 'Bench Token',
    symbol: 'BENCH',
    amount: SUPPLY,
    owner: owner.symId,
  } as const;
  const { raw } = signCall(owner, { contract: null, nonce: 0, call: create });
  await askRpc(url, chain.sendMethod, toHex0x(raw));
  for (let first = 0; first < people; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, people - first) }, (_, index) => first + index);
    const calls = indexes.map((index) => {
      const call = { method: 'transfer', to: personOf(index).symId, amount: SHARE } as const;
      const signed = signCall(owner, { contract, nonce: index + 1, call });
      return { method: chain.sendMethod, params: [toHex0x(signed.raw)] };
    });
    await askRpcBatch(url, calls);
    await chain.untilAllIncluded();
  }
}
