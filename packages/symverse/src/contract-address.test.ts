import { expect, test } from 'vitest';
import { contractAddress } from './contract-address.ts';
import { isContractAddress, parseSymId } from './symid.ts';
import { symverseVectors } from './testing/vectors.ts';

const vectors = symverseVectors().contract_addresses;

test.each(vectors)('the $era rule puts nonce $nonce of $creator at $address', ({ creator, nonce, era, address }) => {
  const rule = era === 'old' ? 'old' : 'current';
  expect(contractAddress(parseSymId(creator), BigInt(nonce), rule)).toBe(address);
});

test('the current rule is the default, and its addresses are known by their first byte', () => {
  const current = vectors.find(({ era }) => era === 'new')!;
  const address = contractAddress(parseSymId(current.creator), BigInt(current.nonce));
  expect(address).toBe(current.address);
  expect(isContractAddress(address)).toBe(true);
});
