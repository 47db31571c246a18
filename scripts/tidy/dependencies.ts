/**
 * Who may import what: the one table. `scripts/tidy.ts` enforces it, `scripts/generate-architecture.ts` prints it into ARCHITECTURE.md.
 * An arrow only points down: base, domain, contract, adapters, apps.
 */

/** One workspace folder and what stands below it. */
export interface FolderRule {
  /** Folder from the root. */
  folder: string;
  /** Name under which others import it; undefined for programs, which nobody imports. */
  name: string | undefined;
  owns: string;
  ownsNot: string;
  /** Workspace packages, by their name without `@jigeum/`. */
  mayImport: readonly string[];
  /** Published packages by name, `node:` for any built-in, or one built-in such as `node:crypto`. `any` where package.json decides. */
  mayImportPublished: readonly string[] | 'any';
  /** Entries of those packages that it must not meet. */
  mayNotImport?: readonly string[];
  /** Further workspace packages for its tests. */
  testsMayImport?: readonly string[];
}

/** The libraries and programs, from the bottom up. */
export const FOLDERS: readonly FolderRule[] = [
  {
    folder: 'packages/std',
    name: 'std',
    owns: 'hex, assertions, `Clock`, `Ids`',
    ownsNot: 'anything with a domain word in it',
    mayImport: [],
    mayImportPublished: ['@noble/hashes'],
  },
  {
    folder: 'packages/money',
    name: 'money',
    owns: 'amounts as bigint base units: parse, format, round, split, won',
    ownsNot: 'tokens, prices, exchange',
    mayImport: ['std'],
    mayImportPublished: [],
  },
  {
    folder: 'packages/keystore',
    name: 'keystore',
    owns: 'password-encrypted private keys in the Ethereum and Symverse formats',
    ownsNot: 'chains and addresses: the address in the file is opaque text; where a file is kept',
    mayImport: ['std'],
    mayImportPublished: ['@noble/hashes', '@noble/ciphers', 'node:crypto'],
  },
  {
    folder: 'packages/symverse',
    name: 'symverse',
    owns: 'the protocol: SymID, RLP, transactions, SCT templates, gas, receipts, blocks, RPC schema and client',
    ownsNot: 'keeping keys, deciding what to send',
    mayImport: ['std'],
    mayImportPublished: ['@noble/curves', '@noble/hashes', 'secp256k1', 'node:crypto', 'node:module'],
  },
  {
    folder: 'packages/receipt',
    name: 'receipt',
    owns: 'the receipt of a payment as a file: its one form, the issuer’s signature, verification step by step',
    ownsNot: 'where keys and receipts are kept, how a step is shown',
    mayImport: ['money', 'symverse', 'std'],
    mayImportPublished: ['@noble/curves', '@noble/hashes'],
  },
  {
    folder: 'packages/api',
    name: 'api',
    owns: 'the HTTP contract: schemas, error codes, typed client',
    ownsNot: 'answers: those are the server’s',
    mayImport: ['money', 'std'],
    mayImportPublished: ['zod'],
  },
  {
    folder: 'packages/chain',
    name: 'chain',
    owns: 'what the platform asks of any chain: `ChainDriver`, outcomes, the conformance suite',
    ownsNot: 'any one chain',
    mayImport: ['money', 'std'],
    mayImportPublished: [],
  },
  {
    folder: 'packages/chain-symverse',
    name: 'chain-symverse',
    owns: '`ChainDriver` over a Symverse node: ours or a real gsym',
    ownsNot: 'keys: a signer is passed in; what is worth a retry',
    mayImport: ['chain', 'symverse', 'money', 'std'],
    mayImportPublished: [],
    testsMayImport: ['worknode'],
  },
  {
    folder: 'packages/worknode',
    name: 'worknode',
    owns: 'an embeddable Symverse work node: mempool, blocks, state, SCT executor, CA, JSON-RPC, storage',
    ownsNot: 'members, money in won, consensus between machines',
    mayImport: ['keystore', 'symverse', 'std'],
    mayImportPublished: ['node:', 'ws', '@noble/hashes'],
  },
  {
    folder: 'apps/server',
    name: undefined,
    owns: 'the payment server and its database',
    ownsNot: 'starting what it needs: that is the command’s; screens',
    mayImport: ['api', 'chain', 'chain-symverse', 'keystore', 'receipt', 'symverse', 'money', 'std'],
    mayImportPublished: 'any',
    testsMayImport: ['worknode'],
  },
  {
    folder: 'apps/web',
    name: undefined,
    owns: 'the screens: member, seller, scanner',
    ownsNot: 'decisions about money: it shows what the server says',
    mayImport: ['api', 'receipt', 'money', 'symverse', 'std'],
    mayImportPublished: 'any',
    // The native signer would pull a binary into the browser's bundle.
    mayNotImport: ['@jigeum/symverse/native'],
  },
  {
    folder: 'apps/simulators',
    name: undefined,
    owns: 'stand-ins for the SMS sender, the real-name agency and the bank, behind their real interfaces',
    ownsNot: 'anything that the platform needs when the real ones are configured',
    mayImport: ['money', 'std'],
    mayImportPublished: 'any',
  },
  {
    folder: 'apps/cli',
    name: undefined,
    owns: '`jigeum`: starts and stops the parts, demo, keystores, tokens',
    ownsNot: 'rules about payments: it asks the server',
    mayImport: ['api', 'worknode', 'chain', 'chain-symverse', 'keystore', 'receipt', 'symverse', 'money', 'std'],
    mayImportPublished: 'any',
  },
];

/** One module of the server and the modules that it may name. */
export interface ModuleRule {
  name: string;
  owns: string;
  /** Besides `platform`, which every module may import. */
  mayImport: readonly string[];
  /** A box of parts rather than a slice: no bound on its index, and the server's own files may name its parts by path. */
  isLibrary?: boolean;
}

/** A front door with more names than this is a corridor. */
export const EXPORTS_MAX = 10;

/** The modules of apps/server/src, from the bottom up. */
export const SERVER_MODULES: readonly ModuleRule[] = [
  {
    name: 'platform',
    owns: 'database pool and `Trx`, HTTP errors, idempotency, paging, session hook, event outbox, job loop, log, secrets',
    mayImport: [],
    isLibrary: true,
  },
  { name: 'guard', owns: 'IP allocation table, rates, bans; nobody imports it, `app.ts` installs it', mayImport: [] },
  {
    name: 'adapters',
    owns: 'the doors of `deps.ts` to the outside: real-name agency, bank. Only `start.ts` names it',
    mayImport: [],
    isLibrary: true,
  },
  { name: 'members', owns: 'people, devices, sessions', mayImport: [] },
  { name: 'managers', owns: 'operators’ people, privileges, two-person approvals', mayImport: ['members'] },
  { name: 'identity', owns: 'real-name verification, SymID binding, limits by level', mayImport: ['members'] },
  { name: 'tokens', owns: 'what can be moved: chain, contract, decimals, state', mayImport: [] },
  { name: 'wallets', owns: 'custody: keystores, unlock sessions, balances, locks', mayImport: ['members', 'tokens'] },
  {
    name: 'access',
    owns: 'join, log in, unlock, log out: the one place where person, identity and key meet',
    mayImport: ['members', 'identity', 'wallets'],
  },
  {
    name: 'protection',
    owns: 'what stops outflow: frozen wallets, stops of a token or the platform; the operator’s view of alarms',
    mayImport: ['members', 'wallets', 'tokens'],
  },
  {
    name: 'transfers',
    owns: '**the only door to a chain**: requests, gas grants, chain outbox, submit and confirm jobs',
    mayImport: ['wallets', 'tokens', 'identity', 'protection', 'members'],
  },
  { name: 'charges', owns: 'won in, token out', mayImport: ['transfers', 'wallets', 'tokens', 'identity', 'members'] },
  {
    name: 'conversions',
    owns: 'token in, won out',
    mayImport: ['transfers', 'wallets', 'tokens', 'identity', 'members'],
  },
  {
    name: 'trades',
    owns: 'safe trade: held payments that the buyer, time or an arbiter releases',
    mayImport: ['transfers', 'wallets', 'members'],
  },
  { name: 'gifts', owns: 'mobile gift certificates', mayImport: ['transfers', 'wallets', 'tokens', 'members'] },
  {
    name: 'settlements',
    owns: 'seller periods, fees, payout batches, daily close',
    mayImport: ['transfers', 'conversions', 'members'],
  },
  {
    name: 'audit',
    owns: 'the chain over the audit log: links, checkpoints, anchors, verification; nobody imports it',
    mayImport: ['transfers'],
  },
  {
    name: 'receipts',
    owns: 'receipts of final transfers, the key that signs them, on-chain proofs',
    mayImport: ['transfers'],
  },
  { name: 'scanner', owns: 'public read model of blocks, transactions, tokens', mayImport: ['tokens'] },
  {
    name: 'reconcile',
    owns: 'ledger = chain: findings, corrections, restore quarantine and recovery',
    mayImport: ['transfers', 'protection', 'wallets', 'tokens', 'members'],
  },
  {
    name: 'notifications',
    owns: 'live events, push, SMS, webhooks; fed by rows of the outboxes, so nobody imports it',
    mayImport: ['members'],
  },
  { name: 'statistics', owns: 'read-only SQL views, each defined by the module that owns the tables', mayImport: [] },
];

/** Files beside the modules that every module may name: `#config` and `#deps`. `#testing` is for tests. */
export const SERVER_COMMON = ['config', 'deps'] as const;

/** The server's own files that may name every module, because they put the modules together. */
export const SERVER_TOP_FILES = [
  'main.ts',
  'app.ts',
  'deps.ts',
  'config.ts',
  'start.ts',
  'worker.ts',
  'readiness.ts',
] as const;
