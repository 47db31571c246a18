/** What the paper shows of its token, through the published client: Figures 17 and 19 and the gas of Table 2. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractAddress } from '@jigeum/symverse';
import { IDS, startPeer, type Peer } from './symjs.ts';

const SUPPLY = '0x204fce5e3e25026110000000';
const { alice, bob } = IDS;

let peer: Peer;
beforeAll(async () => {
  peer = await startPeer();
});
afterAll(() => peer.stop());

it('the token of the paper is created, read and moved, for the gas that the paper counts and its bytes', async () => {
  const { sct20 } = peer.symjs.param;
  const input = sct20['create']!('eSportsToken', 'EST', SUPPLY, alice).raw();
  expect(input).toBe('ec1480e98c6553706f727473546f6b656e834553548c204fce5e3e250261100000008a00035b875ec2c5410002');
  const created = await peer.send('alice', { type: 1, input: `0x${input}`, gasLimit: 8_076_400 });
  const contract = contractAddress(alice, 0n);
  // 8,049,000, and 45 bytes of which 5 are zero.
  expect(created).toMatchObject({ status: '0x1', contractAddress: contract, gasUsed: '0x7b3c70' });
  expect(await peer.call.sct['getContract']!(contract)).toEqual({
    creator: alice,
    name: 'eSportsToken',
    owner: alice,
    state: 'active',
    stateCode: '0x0',
    symbol: 'EST',
    total: SUPPLY,
    type: 'sct20',
  });
  const transfer = `0x${sct20['transfer']!(bob, '0x2b5e3af16b1880000').raw()}`;
  const moved = await peer.send('alice', { type: 1, to: contract, input: transfer, gasLimit: 100_000 });
  // 56,000, and 25 bytes of which 9 are zero.
  expect(moved).toMatchObject({ status: '0x1', gasUsed: '0x106a8' });
  expect(await peer.call.sct['getContractAccount']!(contract, bob)).toEqual({ balance: '0x2b5e3af16b1880000' });
});
