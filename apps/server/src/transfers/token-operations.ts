/**
 * The operator's acts on a token: recorded by whom and why, signed by the reserve (its creator and owner), sent like
 * everything else. They stand here and not in `tokens`, because this module is the only door to a chain.
 */
import type { CallOutput, OperatorTokenView, RouteName, TokenOperationView } from '@jigeum/api';
import type { ContractCall } from '@jigeum/chain';
import { toHex0x } from '@jigeum/std';
import type { Deps } from '#deps';
import { AppError, audit, idempotently, inTrx, type IdempotentCall, type StoredAnswer, type Trx } from '#platform';
import { findToken, insertToken, tokenView, type TokenRow } from '#tokens';
import { platformSigner } from '#wallets';
import { enqueue } from './grant-gas.ts';
import type { OutboxDeps } from './outbox.ts';
import * as ledger from './store/ledger.ts';
import * as operationRows from './store/token-operations.ts';
import * as walletRows from './store/wallets.ts';
import { shownState } from './transfer.ts';

type OperationDeps = OutboxDeps & Pick<Deps, 'db' | 'wake' | 'log'>;

export interface NewToken {
  name: string;
  symbol: string;
  /** Base units, all of them to the reserve. */
  supply: bigint;
  decimals: number;
  wonPerToken: bigint | null;
}

/** Creates a token whose supply goes to the reserve. Throws 'request-invalid' where the symbol is taken. */
export async function createToken(
  deps: OperationDeps,
  input: { idempotency: IdempotentCall<'operatorCreateToken'>; token: NewToken },
): Promise<StoredAnswer> {
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, input.idempotency, () =>
      recordCreation(deps, trx, { token: input.token, actor: input.idempotency.actor }),
    ),
  );
  deps.wake('submit');
  return answer;
}

/** At the first start: creates the configured token where no token exists. Any number of processes may call it. */
export async function seedToken(deps: OperationDeps & Pick<Deps, 'config'>): Promise<void> {
  const seed = deps.config.seedToken;
  if (seed === null) return;
  const isCreated = await inTrx(deps, async (trx) => {
    await operationRows.lockSeed(trx);
    if (await operationRows.hasToken(trx)) return false;
    await recordCreation(deps, trx, {
      token: {
        name: seed.name,
        symbol: seed.symbol,
        supply: BigInt(seed.supply),
        decimals: seed.decimals,
        wonPerToken: BigInt(seed.wonPerToken),
      },
      actor: 'first start',
    });
    return true;
  });
  if (isCreated) {
    deps.log.info('The first token is being created.', { tokenSymbol: seed.symbol });
    deps.wake('submit');
  }
}

async function recordCreation(
  deps: OutboxDeps,
  trx: Trx,
  input: { token: NewToken; actor: string },
): Promise<TokenOperationView> {
  const { token } = input;
  if ((await findToken(trx, token.symbol)) !== undefined)
    throw new AppError('request-invalid', { detail: `Expected a symbol that no token has, got ${token.symbol}.` });
  const now = new Date(deps.clock.nowMs());
  const tokenId = deps.ids.uuid(now.getTime());
  await insertToken(trx, {
    id: tokenId,
    symbol: token.symbol,
    name: token.name,
    decimals: token.decimals,
    wonPerToken: token.wonPerToken,
    chainId: deps.chain.chainId,
    now,
  });
  const { address } = platformSigner(deps, 'reserve');
  return await recordOperation(deps, trx, {
    tokenId,
    symbol: token.symbol,
    kind: 'create',
    amount: token.supply,
    reason: 'creation',
    actor: input.actor,
    call: { kind: 'create', name: token.name, symbol: token.symbol, supply: token.supply, owner: address },
  });
}

type ChangeRoute = 'operatorMint' | 'operatorBurn' | 'operatorPause' | 'operatorUnpause';
const kindOf = {
  operatorMint: 'mint',
  operatorBurn: 'burn',
  operatorPause: 'pause',
  operatorUnpause: 'unpause',
} as const satisfies Partial<Record<RouteName, string>>;

/** Mints into the reserve, burns from it, pauses or unpauses. `amount` is zero for the last two. */
export async function changeToken<R extends ChangeRoute>(
  deps: OperationDeps,
  input: { idempotency: IdempotentCall<R>; symbol: string; amount: bigint; reason: string },
): Promise<StoredAnswer> {
  const kind = kindOf[input.idempotency.route];
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, input.idempotency, async () => {
      const token = await findToken(trx, input.symbol);
      if (token === undefined) throw new AppError('not-found');
      const { contract } = token;
      const isReady = kind === 'unpause' ? token.state === 'paused' : token.state === 'active';
      if (contract === null || !isReady) {
        throw new AppError('request-invalid', {
          detail: `Expected a token that is ${kind === 'unpause' ? 'paused' : 'active'}, got one that is ${token.state}.`,
        });
      }
      if ((kind === 'mint' || kind === 'burn') && input.amount <= 0n)
        throw new AppError('amount-out-of-range', { detail: 'Expected an amount above zero.' });
      const { address, walletId } = platformSigner(deps, 'reserve');
      // Before its balance, as payments from it do: else the two wait for each other.
      await walletRows.lockWallet(trx, walletId);
      const isHeld =
        kind !== 'burn' || (await ledger.holdAll(trx, [{ walletId, tokenId: token.id, amount: input.amount }]));
      if (!isHeld)
        throw new AppError('balance-too-low', { detail: 'Expected at most what the reserve has available.' });
      const call: ContractCall =
        kind === 'mint'
          ? { kind, contract, to: address, amount: input.amount }
          : kind === 'burn'
            ? { kind, contract, from: address, amount: input.amount }
            : { kind, contract };
      const view = await recordOperation(deps, trx, {
        tokenId: token.id,
        symbol: token.symbol,
        kind,
        amount: input.amount,
        reason: input.reason,
        actor: input.idempotency.actor,
        call,
      });
      return view as CallOutput<R>;
    }),
  );
  deps.wake('submit');
  return answer;
}

async function recordOperation(
  deps: OutboxDeps,
  trx: Trx,
  input: {
    tokenId: string;
    symbol: string;
    kind: 'create' | 'mint' | 'burn' | 'pause' | 'unpause';
    amount: bigint;
    reason: string;
    actor: string;
    call: ContractCall;
  },
): Promise<TokenOperationView> {
  const now = new Date(deps.clock.nowMs());
  const id = deps.ids.uuid(now.getTime());
  await operationRows.insertTokenOperation(trx, { ...input, id, now });
  const { walletId, signer } = platformSigner(deps, 'reserve');
  const wallet = await walletRows.lockWallet(trx, walletId);
  const { hash } = await enqueue(deps, trx, {
    ...{ wallet, signer, intent: input.call },
    ...{ purpose: 'token_operation', sourceId: id },
  });
  const { tokenId, symbol, kind, amount, reason } = input;
  await audit(deps, trx, {
    actor: input.actor === 'operator' ? 'operator' : 'job:start',
    act: `token.${kind}`,
    subject: id,
    facts: { token: tokenId, symbol, amount, reason, hash },
  });
  return await operationView(deps, trx, id);
}

/** How far an operation is. Throws 'not-found'. `trx` may be the pool. */
export async function operationView(
  deps: Pick<Deps, 'clock'>,
  trx: Parameters<typeof operationRows.operationOf>[0],
  operationId: string,
): Promise<TokenOperationView> {
  const row = await operationRows.operationOf(trx, operationId);
  if (row === undefined) throw new AppError('not-found');
  const token = await findToken(trx, row.symbol);
  if (token === undefined) throw new AppError('not-found');
  return {
    operationId: row.id,
    kind: row.kind,
    state: shownState({
      state: row.state,
      isUnknown: row.is_unknown ?? false,
      requestedAtMs: row.requested_at.getTime(),
      nowMs: deps.clock.nowMs(),
    }),
    transactionHash: row.hash === null ? null : toHex0x(row.hash),
    token: await operatorTokenView(trx, token),
  };
}

/** The platform's view of a token. Throws 'not-found'. */
export async function showToken(deps: Pick<Deps, 'db'>, symbol: string): Promise<OperatorTokenView> {
  const token = await findToken(deps.db, symbol);
  if (token === undefined) throw new AppError('not-found');
  return await operatorTokenView(deps.db, token);
}

async function operatorTokenView(
  db: Parameters<typeof operationRows.operationOf>[0],
  token: TokenRow,
): Promise<OperatorTokenView> {
  const facts = await operationRows.tokenFacts(db, token.id);
  return {
    ...tokenView(token),
    state: token.state,
    contract: token.contract,
    creator: facts.creator,
    owner: facts.creator,
    supply: facts.supply,
    createTransactionHash: facts.create_hash === null ? null : toHex0x(facts.create_hash),
  };
}
