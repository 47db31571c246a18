import { afterEach, describe, expect, it } from 'vitest';
import { hexToBytes, toHex0x } from '@jigeum/std';
import { askRpc, untilPoolEmpty } from '../http/json-rpc.ts';
import type { ChainUnderTest } from '../transfers/chain.ts';
import { keyOf } from '../transfers/people.ts';
import { transferAt } from '../transfers/plan.ts';
import { AMOUNT_BASE } from '../transfers/sign.ts';
import { evmTokenContract, findAnvil, startAnvil } from './anvil.ts';
import { erc20Signer, EVM_CHAIN_ID, GAS_PRICE_WEI, transferInput } from './erc20-transfer.ts';
import { addressOf, encodeCall, signLegacy } from './legacy-transaction.ts';

const program = findAnvil();
const PEOPLE = 4;
const PLAN = { lists: 2, slotsPerList: 3, peoplePerList: 2, firstNonce: 0 };
const SHARE = 1_000n * 10n ** 18n;

let chain: ChainUnderTest | undefined;
afterEach(() => chain?.stop());

// npm packages anvil for Linux on x64 here; elsewhere the comparison is left out, and this test with it.
describe.skipIf(program === undefined)('the token on anvil', () => {
  it('moves by signed transfers, counts them by their receipts, and refuses what the sender does not have', async () => {
    chain = await startAnvil(program!, PEOPLE);
    const url = chain.origin;
    const contract = evmTokenContract(PEOPLE);
    const balanceOf = async (index: number): Promise<bigint> => {
      const data = toHex0x(encodeCall('balanceOf(address)', addressOf(keyOf(index))));
      return BigInt(await askRpc<string>(url, 'eth_call', { to: contract, data }, 'latest'));
    };
    for (let index = 0; index < PEOPLE; index++) expect(await balanceOf(index)).toBe(SHARE);

    const head = await chain.headNumber();
    const sign = erc20Signer(PLAN, contract);
    const expected = Array.from({ length: PEOPLE }, () => SHARE);
    for (let list = 0; list < PLAN.lists; list++) {
      for (let slot = 0; slot < PLAN.slotsPerList; slot++) {
        const { from, to } = transferAt(PLAN, list, slot);
        expected[from]! -= AMOUNT_BASE;
        expected[to]! += AMOUNT_BASE;
        await askRpc(url, chain.sendMethod, toHex0x(sign(list, slot)));
      }
    }
    const tooMuch = signLegacy(
      {
        ...{ nonce: 1, gasPriceWei: GAS_PRICE_WEI, gas: 60_000n, valueWei: 0n },
        ...{ to: hexToBytes(contract.slice(2)), input: transferInput(addressOf(keyOf(0)), 2n * SHARE) },
      },
      EVM_CHAIN_ID,
      keyOf(1),
    );
    await askRpc(url, chain.sendMethod, toHex0x(tooMuch));
    await untilPoolEmpty(url);
    const blocks = await chain.blocksAfter(head);
    expect(blocks.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(6);
    expect(blocks.reduce((sum, { failed }) => sum + failed, 0)).toBe(1);
    expect(await Promise.all(expected.map((_, index) => balanceOf(index)))).toEqual(expected);
  });
});
