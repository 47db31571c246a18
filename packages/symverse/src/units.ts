/** The coin's units. 1 SYM = 10^9 GHug = 10^18 hug; every amount in code is in hug. */

/** Decimals of SYM over hug. Token amounts have none on chain; wallets show them with 18 too. */
export const SYM_DECIMALS = 18;
export const HUG_PER_SYM = 10n ** 18n;
export const HUG_PER_GHUG = 10n ** 9n;
