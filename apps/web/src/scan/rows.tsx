/** Rows of lists: a block, a transaction, a token. */
import type { ScanBlockView, ScanTokenRowView, ScanTransactionView } from '@jigeum/api';
import { useT } from '../i18n/scan.ts';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Link } from '../ui/router.tsx';
import { CallText } from './CallText.tsx';
import { blockPath, tokenPath, transactionPath } from './paths.ts';
import { TokenMark, TokenState, TokenTitle } from './TokenMark.tsx';
import { Address, Age, countText, hasItems, StateBadge, UnitText, Value } from './values.tsx';

export function BlockRow({ block }: { block: ScanBlockView }) {
  const t = useT();
  return (
    <div className="scan-row">
      <div className="scan-row-main">
        <Link to={blockPath(block.number)} className="scan-row-title figures">
          {countText(block.number)}
        </Link>
        <span className="scan-row-sub">
          <Value value={block.hash} isShort hasCopy={false} />
        </span>
      </div>
      <div className="scan-row-end">
        <span className={block.transactionCount === 0 ? 'muted' : 'scan-count'}>
          {t('block.countOf', { count: countText(block.transactionCount) })}
        </span>
        <span className="muted">
          <Age at={block.at} />
        </span>
      </div>
    </div>
  );
}

/** What, between whom, when. */
export function TransactionRow({ transaction }: { transaction: ScanTransactionView }) {
  const t = useT();
  const { call } = transaction;
  const to = call?.to ?? transaction.to ?? call?.contract ?? null;
  return (
    <div className="scan-row">
      <span className="scan-mark" data-kind={transaction.state === 'reverted' ? 'failed' : 'plain'} aria-hidden="true">
        <Icon name={iconOf(transaction)} size={18} />
      </span>
      <div className="scan-row-main">
        <Link to={transactionPath(transaction.hash)} className="scan-row-title">
          <CallText transaction={transaction} />
        </Link>
        <span className="scan-row-sub">
          <Address address={call?.from ?? transaction.from} isShort hasCopy={false} />
          {to !== null && (
            <span className="scan-to">
              <span aria-hidden="true">→</span>
              <Address address={to} isShort hasCopy={false} />
            </span>
          )}
        </span>
      </div>
      <div className="scan-row-end">
        {/* Nearly all are final: only what is not deserves the eye. */}
        {transaction.state === 'final' ? (
          <span className="hidden-visually">{t('state.final')}</span>
        ) : (
          <StateBadge state={transaction.state} />
        )}
        <span className="muted">{transaction.at === null ? '' : <Age at={transaction.at} />}</span>
      </div>
    </div>
  );
}

/** What kind of thing happened, at a glance. */
function iconOf({ call, kind, state }: ScanTransactionView): IconName {
  if (state === 'reverted') return 'alert';
  if (kind === 'deposit') return 'wallet';
  const method = call?.method ?? '';
  if (/^(CREATE|MINT)/.test(method)) return 'plus';
  if (/PAUSE|LOCK|STOP/.test(method)) return 'lock';
  if (/APPROVE|OWNER|AUTHORITY|CREATORS/.test(method)) return 'person';
  return call === null && kind === 'transfer' ? 'send' : 'swap';
}

/** Transactions in a list. */
export function TransactionList({
  transactions,
  emptyText,
}: {
  transactions: readonly ScanTransactionView[];
  emptyText: string;
}) {
  if (transactions.length === 0) return <p className="muted scan-none">{emptyText}</p>;
  return (
    <ul className="scan-list">
      {transactions.map((transaction) => (
        <li key={transaction.hash}>
          <TransactionRow transaction={transaction} />
        </li>
      ))}
    </ul>
  );
}

export function TokenRow({ token }: { token: ScanTokenRowView }) {
  const t = useT();
  return (
    <div className="scan-row scan-row-amount">
      <TokenMark symbol={token.symbol} contract={token.contract} />
      <div className="scan-row-main">
        <Link to={tokenPath(token.contract)} className="scan-row-title">
          <TokenTitle token={token} first="symbol" />
        </Link>
        <span className="scan-row-sub">
          <span>{token.type.toUpperCase()}</span>
          <Value value={token.contract} isShort hasCopy={false} />
          <TokenState state={token.state} isQuietWhenActive />
        </span>
      </div>
      <div className="scan-row-end">
        {hasItems(token.type) ? (
          <span className="figures">
            <span className="muted">{t('token.items')}</span> {token.supply.toLocaleString('en')}
          </span>
        ) : (
          <span>
            <span className="muted">{t('token.supply')}</span>{' '}
            <UnitText amount={token.supply} decimals={token.decimals} symbol={token.symbol} />
          </span>
        )}
        <span className="muted">
          {t('lists.holders', { count: countText(token.holderCount) })} ·{' '}
          {t('lists.calls', { count: countText(token.callCount) })}
        </span>
      </div>
    </div>
  );
}
