import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reconcilePlatformGas } from './compare-gas.ts';
import { startTestPlatform, type TestPlatform } from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

test('takes nonce and coin from the end of one block, also where a node that is behind answers for the coin', async () => {
  const { deps } = platform;
  const treasury = async () => {
    const { rows } = await sql<{ address: string; gas_available: bigint }>`
      select address, gas_available from wallets where kind = 'treasury'
    `.execute(deps.db);
    return rows[0]!;
  };
  const { address } = await treasury();
  const behind = { ...deps.chain, nativeBalance: async () => (await deps.chain.nativeBalance(address)) + 1_000n };
  await reconcilePlatformGas({ ...deps, chain: behind });
  expect((await treasury()).gas_available).toBe(await deps.chain.nativeBalance(address));
});
