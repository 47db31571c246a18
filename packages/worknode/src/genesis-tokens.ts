/**
 * Tokens that a chain begins with. Each stands where its creator's next transaction would have made it: the first of a creator at
 * the address of nonce 0, the second at that of nonce 1. The creator's own transactions then begin after them, so that no
 * contract of its can ever meet one of these.
 */
import { assert } from '@jigeum/std';
import {
  contractAddress,
  encodeSct20,
  SctInputError,
  type ContractAddressRule,
  type Sha3,
  type SymId,
} from '@jigeum/symverse';
import { GenesisError, readAmount, readObject, readSymId } from './genesis-fields.ts';
import { createSct20 } from './sct/sct20.ts';
import { accountOf, setAccount } from './state/accounts.ts';
import type { StateWriter } from './state/state.ts';

/** A token that exists from block 0; its owner holds the supply. */
export interface GenesisToken {
  readonly template: 'sct20';
  readonly creator: SymId;
  readonly owner: SymId;
  readonly name: string;
  readonly symbol: string;
  /** Base units. */
  readonly supply: bigint;
}

const TOKENS_MAX = 1_000;
const FIELDS = ['template', 'creator', 'owner', 'name', 'symbol', 'supply'];

/** The tokens of a genesis file. Refuses a name, symbol or supply that no contract could have. */
export function readTokens(value: unknown): GenesisToken[] {
  if (!Array.isArray(value) || value.length > TOKENS_MAX)
    throw new GenesisError(`Expected tokens of the genesis to be a list of at most ${TOKENS_MAX}.`);
  return value.map((item, index) => readToken(`tokens[${index}]`, readObject(`tokens[${index}]`, item)));
}

/** Tokens as a genesis file has them. */
export const tokensJson = (tokens: readonly GenesisToken[]): object[] =>
  tokens.map(({ template, creator, owner, name, symbol, supply }) => ({
    template,
    creator,
    owner,
    name,
    symbol,
    supply: supply.toString(),
  }));

/** Writes the tokens into the first state, in which citizens and coins stand already. */
export function createGenesisTokens(
  state: StateWriter,
  genesis: { readonly tokens: readonly GenesisToken[]; readonly contractAddressRule: ContractAddressRule },
  sha3: Sha3,
): void {
  for (const { creator, owner, name, symbol, supply } of genesis.tokens) {
    const account = accountOf(state, creator);
    const address = contractAddress(creator, account.nonce, genesis.contractAddressRule, sha3);
    if (state.get('contract', address) !== undefined)
      throw new GenesisError(
        `Expected an address of its own for the token ${symbol} of ${creator}, got ${address} twice.`,
      );
    const outcome = createSct20(state, {
      creator,
      address,
      call: { method: 'create', name, symbol, amount: supply, owner },
    });
    assert(outcome === null, `the token ${symbol} of the genesis is created`);
    setAccount(state, creator, { ...account, nonce: account.nonce + 1n });
  }
}

function readToken(where: string, row: Readonly<Record<string, unknown>>): GenesisToken {
  const unknown = Object.keys(row).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new GenesisError(
      `${where} of the genesis has the unknown field ${JSON.stringify(unknown)}. Known: ${FIELDS.join(', ')}.`,
    );
  if (row['template'] !== 'sct20')
    throw new GenesisError(
      `Expected ${where}.template of the genesis to be "sct20", got ${JSON.stringify(row['template'])}.`,
    );
  const token: GenesisToken = {
    template: 'sct20',
    creator: readSymId(`${where}.creator`, row['creator']),
    owner: readSymId(`${where}.owner`, row['owner']),
    name: readText(`${where}.name`, row['name']),
    symbol: readText(`${where}.symbol`, row['symbol']),
    supply: readAmount(`${where}.supply`, 'base units', row['supply']),
  };
  requireCreatable(where, token);
  return token;
}

function readText(where: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GenesisError(`Expected ${where} of the genesis to be text, got ${JSON.stringify(value)}.`);
}

/** What a creating call cannot say, a genesis cannot either. */
function requireCreatable(where: string, { name, symbol, supply, owner }: GenesisToken): void {
  try {
    encodeSct20({ method: 'create', name, symbol, amount: supply, owner });
  } catch (cause) {
    if (!(cause instanceof SctInputError)) throw cause;
    throw new GenesisError(`${where} of the genesis cannot be created. ${cause.message}`, { cause });
  }
}
