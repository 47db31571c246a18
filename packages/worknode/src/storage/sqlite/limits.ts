/** How keys are made of a block's number, and pages of rows. */

/** Parts of one block have successive ids: number · 2^16 + part. A block of 188,495,520 gas has at most 61. */
export const PARTS_MAX = 2 ** 16;

/** Places of transactions and records: number of the block · 2^20 + index. */
export const PLACES_MAX = 2 ** 20;

/** Rows in a page of the state, in the order of their numbers. */
export const ROWS_PER_PAGE = 128;
