/** INV-01: what everybody holds of a token is what was minted less what was burned, by our own sums and by the node's. */
import type { World } from '../world.ts';
import type { Tell } from '../violation.ts';

export function checkSupply(world: World, tell: Tell): void {
  for (const { contract, symbol } of world.db.tokens.values()) {
    if (contract === null) continue;
    const supply = world.chain.supply.get(contract) ?? 0n;
    const holders = world.chain.tokens.get(contract) ?? new Map<string, bigint>();
    const held = [...holders.values()].reduce((sum, amount) => sum + amount, 0n);
    if (held !== supply) tell('INV-01', symbol, `Expected holdings of ${supply} together, got ${held}.`);
    const said = world.nodeSupply.get(contract);
    if (said !== undefined && said !== supply)
      tell('INV-01', symbol, `Expected a supply of ${supply} by all mints and burns, the node says ${said}.`);
    for (const [address, amount] of holders) {
      if (amount < 0n) tell('INV-01', address, `Expected ${symbol} of zero or more, got ${amount}.`);
      const node = world.nodeTokens.get(`${contract} ${address}`);
      if (node !== undefined && node !== amount)
        tell('INV-01', address, `Expected ${amount} of ${symbol} by all transfers, the node says ${node}.`);
    }
  }
}
