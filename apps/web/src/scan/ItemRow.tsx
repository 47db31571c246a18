import type { ScanItemView } from '@jigeum/api';
import { Fragment } from 'react';
import { useT } from '../i18n/scan.ts';
import { Link } from '../ui/router.tsx';
import { tokenPath } from './paths.ts';
import { TokenMark } from './TokenMark.tsx';
import { Address, ChainText } from './values.tsx';

/** The protocol's codes; 2 is Jigeum's, for a coupon that was used. */
const STATES = { '0': 'active', '1': 'paused', '2': 'used' } as const;

/** One item or coupon: what it is, and whose. */
export function ItemRow({ item, hasOwner }: { item: ScanItemView; hasOwner: boolean }) {
  const t = useT();
  const { name = '', state = '', type = '', ...rest } = item.facts;
  const word = STATES[state as keyof typeof STATES];
  const described = [type, ...Object.values(rest)].filter((text) => text !== '');
  return (
    <div className="scan-row">
      <TokenMark symbol={item.symbol} contract={item.contract} />
      <div className="scan-row-main">
        <span className="scan-row-title">
          <ChainText>{name}</ChainText> <span className="muted">#{item.index}</span>
        </span>
        <span className="scan-row-sub">
          {hasOwner ? (
            item.owner !== null && <Address address={item.owner} isShort hasCopy={false} />
          ) : (
            <Link to={tokenPath(item.contract)} className="scan-anchor">
              <ChainText>{item.symbol}</ChainText>
            </Link>
          )}
          <span>
            {described.map((text, index) => (
              <Fragment key={index}>
                {index > 0 && ' · '}
                <ChainText>{text}</ChainText>
              </Fragment>
            ))}
          </span>
        </span>
      </div>
      {word !== undefined && word !== 'active' && (
        <span className="scan-badge" data-tone={word === 'used' ? 'quiet' : 'pending'}>
          {t(`item.${word}`)}
        </span>
      )}
    </div>
  );
}
