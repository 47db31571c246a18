import type { ScanTransactionView } from '@jigeum/api';
import { useRich, useT } from '../i18n/scan.ts';
import { ChainText, CoinText, UnitText } from './values.tsx';

type Call = NonNullable<ScanTransactionView['call']>;

/** What a transaction does, in words. */
export function CallText({ transaction }: { transaction: ScanTransactionView }) {
  const t = useT();
  const rich = useRich();
  const { call, kind, to, from, valueHug } = transaction;
  if (call !== null) return <SctText call={call} />;
  if (kind === 'transfer') return rich('call.native', { amount: <CoinText hug={valueHug} /> });
  if (kind === 'sct') return t('call.unknown');
  if (kind === 'deposit')
    return to === from ? t('call.depositRestore') : rich('call.depositSet', { amount: <CoinText hug={valueHug} /> });
  return t(`kind.${kind}`);
}

/** Which kind of thing a template is about: its methods of one name mean different things. */
const THINGS: Readonly<Record<string, 'token' | 'item' | 'coupon' | 'vote' | 'poll'>> = {
  sct20: 'token',
  sct21: 'token',
  sct22: 'token',
  sct30: 'item',
  sct40: 'coupon',
  sct50: 'vote',
  sct51: 'poll',
};

function SctText({ call }: { call: Call }) {
  const t = useT();
  const rich = useRich();
  const { args } = call;
  const text = (name: string): string => (typeof args[name] === 'string' ? args[name] : '');
  const said = (name: string) => <ChainText>{text(name)}</ChainText>;
  const count = (name: string): string => (Array.isArray(args[name]) ? String(args[name].length) : '');
  const tokens = (base: bigint) => (
    <UnitText amount={base} decimals={call.tokenDecimals ?? 0} symbol={call.tokenSymbol ?? ''} />
  );
  const amount = call.amount === null ? '' : tokens(call.amount);
  const index = text('index');
  switch (`${THINGS[call.template] ?? ''} ${call.method}`) {
    case 'token CREATE':
      return rich('call.create', { token: said('symbol') });
    case 'token TRANSFER':
      return rich('call.transfer', { amount });
    case 'token TRANSFER_FROM':
      return rich('call.transferFrom', { amount });
    case 'token APPROVE':
      return rich('call.approve', { amount });
    case 'token DECREASE_APPROVE':
      return rich('call.decreaseApprove', { amount });
    case 'token MINT':
      return rich('call.mint', { amount });
    case 'token BURN':
      return rich('call.burn', { amount });
    case 'token PAUSE':
      return t('call.pause');
    case 'token UNPAUSE':
      return t('call.unpause');
    case 'token LOCK_TRANSFER':
      return rich('call.lockTransfer', { amount });
    case 'token UNLOCK_AMOUNT':
      return rich('call.unlockAmount', { amount });
    case 'token RESTORE_LOCK_AMOUNT':
      return rich('call.restoreLockAmount', { amount });
    case 'token ADD_LOCK_AMOUNT':
      return rich('call.addLockAmount', { amount });
    case 'token SUB_LOCK_AMOUNT':
      return rich('call.subLockAmount', { amount });
    case 'token ACCOUNT_LOCK':
      return t('call.accountLock');
    case 'token ACCOUNT_UNLOCK':
      return t('call.accountUnlock');
    case 'token SET_AUTHORITY':
      return t('call.setAuthority');
    case 'token TRANSFER_OWNER':
    case 'item TRANSFER_OWNER':
    case 'coupon TRANSFER_OWNER':
      return t('call.transferOwner');
    case 'item CREATE':
      return rich('call.createItems', { token: said('symbol') });
    case 'item CREATE_ITEM':
      return t('call.createItem', { count: count('items') });
    case 'item TRANSFER':
      return t('call.itemTransfer', { index });
    case 'item TRANSFER_FROM':
      return t('call.itemTransferFrom', { index });
    case 'item APPROVE':
      return t('call.itemApprove', { index });
    case 'item ITEM_PAUSE':
      return t('call.itemPause', { index });
    case 'item ITEM_UNPAUSE':
      return t('call.itemUnpause', { index });
    case 'coupon CREATE':
      return rich('call.createCoupons', { token: said('symbol') });
    case 'coupon CREATE_COUPON':
      return t('call.createCoupon', { count: count('coupons') });
    case 'coupon TRANSFER':
      return t('call.couponTransfer', { index });
    case 'coupon TRANSFER_FROM':
      return t('call.couponTransferFrom', { index });
    case 'coupon APPROVE':
      return t('call.couponApprove', { index });
    case 'coupon COUPON_USE':
      return t('call.couponUse', { index });
    case 'coupon COUPON_PAUSE':
      return t('call.couponPause', { index });
    case 'coupon COUPON_UNPAUSE':
      return t('call.couponUnpause', { index });
    case 'vote CREATE':
      return rich('call.createVote', { party: said('party') });
    case 'vote ADD_POLL_CREATORS':
      return t('call.addPollCreators', { count: count('creators') });
    case 'vote REMOVE_POLL_CREATORS':
      return t('call.removePollCreators', { count: count('creators') });
    case 'poll CREATE_POLL':
      return rich('call.createPoll', { agenda: said('agenda') });
    case 'poll VOTE':
      return t('call.vote', { decision: text('decision') });
    case 'poll UNSTAKE':
      return t('call.unstake', { amount: text('amount') });
    case 'poll EMERGENCY_STOP':
      return t('call.emergencyStop');
    case 'poll FINISH':
      return t('call.finish');
    case 'poll WRITE_RESULTS':
      return t('call.writeResults');
    default:
      return `${call.template.toUpperCase()} ${call.method}`;
  }
}
