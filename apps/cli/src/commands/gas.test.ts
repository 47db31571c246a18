import { expect, it } from 'vitest';
import { gasText } from './gas.ts';

it('shows what is left in payments, and says so where nothing was spent yet', () => {
  const view = {
    treasuryAddress: '0x00020000000001000002',
    available: 25_000n,
    floor: 10_000n,
    paymentFee: 10n,
    paymentsLeft: 1_500,
    grantedToday: 420n,
    dayBudget: 20_000_000n,
    memberDayBudget: 3_000n,
    spentPerDay: 600n,
    daysLeft: 25,
  };
  expect(gasText(view)).toBe(`treasury       0x00020000000001000002
has            2,500 payments (25000 base units)
keeps          1,000 payments: grants stop above that
granted today  42 payments of 2,000,000 payments; to one member at most 300 payments
spends         60 payments a day, the average of the last seven
days left      25`);
  expect(gasText({ ...view, daysLeft: null })).toMatch(/days left {6}nothing was granted in the last seven days$/);
});
