/** Addresses of the scanner's pages. */

/** Contracts begin with ff; any other ten bytes name a person or a machine. */
const CONTRACT = /^0xff[0-9a-f]{18}$/;

export const blockPath = (number: number): string => `/scan/blocks/${number}`;
export const transactionPath = (hash: string): string => `/scan/transactions/${hash}`;
export const tokenPath = (contract: string): string => `/scan/tokens/${contract}`;
export const accountPath = (symId: string): string => `/scan/accounts/${symId}`;
export const searchPath = (text: string): string => `/scan/search?q=${encodeURIComponent(text)}`;

/** The page of ten bytes that may be a SymID or a contract. */
export const addressPath = (address: string): string =>
  CONTRACT.test(address) ? tokenPath(address) : accountPath(address);
