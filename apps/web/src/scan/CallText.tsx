import type { ScanTransactionView } from '@jigeum/api';
import { useRich, useT } from '../i18n/scan.ts';
import { UnitText } from './UnitText.tsx';

const SYM_DECIMALS = 18;

/** What a transaction does, in words. */
export function CallText({ transaction }: { transaction: ScanTransactionView }) {
  const t = useT();
  const rich = useRich();
  const { call } = transaction;
  if (call === null) {
    if (transaction.kind !== 'transfer') return t(`kind.${transaction.kind}`);
    return rich('call.native', {
      amount: <UnitText amount={transaction.valueHug} decimals={SYM_DECIMALS} symbol="SYM" />,
    });
  }
  const amount =
    call.amount === null ? (
      ''
    ) : (
      <UnitText amount={call.amount} decimals={call.tokenDecimals ?? 0} symbol={call.tokenSymbol ?? ''} />
    );
  switch (methodOf(call.method)) {
    case 'create':
      return t('call.create', { token: call.tokenSymbol ?? '' });
    case 'transfer':
      return rich('call.transfer', { amount });
    case 'transferfrom':
      return rich('call.transferFrom', { amount });
    case 'approve':
      return rich('call.approve', { amount });
    case 'decreaseapprove':
      return rich('call.decreaseApprove', { amount });
    case 'mint':
      return rich('call.mint', { amount });
    case 'burn':
      return rich('call.burn', { amount });
    case 'pause':
      return t('call.pause');
    case 'unpause':
      return t('call.unpause');
    case 'transferowner':
      return t('call.transferOwner');
    default:
      return t('call.unknown', { template: call.template.toUpperCase(), method: call.method });
  }
}

/** TRANSFER_FROM, transferFrom and TransferFrom are one method. */
const methodOf = (method: string): string => method.toLowerCase().replaceAll('_', '');
