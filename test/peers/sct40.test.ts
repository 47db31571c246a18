/** SCT40 through symjs 1.0.6: every builder, with a success and a failure. */
import { decodeSct40, encodeSct40, type Sct40Call } from '@jigeum/symverse';
import { IDS, NOBODY } from './symjs.ts';
import { testTemplate, type Step } from './template.ts';

const { alice, bob, carol } = IDS;
const creation = { method: 'create', name: 'SymContract', symbol: 'SCN', cpoint: 1000n, owner: alice } as const;
const shown = {
  creator: alice,
  owner: alice,
  name: 'SymContract',
  symbol: 'SCN',
  type: 'sct40',
  total: '0x0',
  cpoint: '0x3e8',
  state: 'active',
  stateCode: '0x0',
};
const tea = { type: 'A', name: 'hotdog', point: 1n, groupNo: '1', couponNo: 'discount1', etc: 'happybirthday' };
const cake = { type: 'B', name: 'coupon2', point: 500n, groupNo: 'restaurant1', couponNo: 'discount1', etc: '' };
const shownOf = ({ point, ...fields }: typeof tea, index: string) => ({
  ...fields,
  index,
  owner: alice,
  state: '0x0',
  usepoint: `0x${point.toString(16)}`,
});
const coupons: Step<Sct40Call> = ['alice', { method: 'createCoupon', coupons: [tea, cake] }];

testTemplate<Sct40Call>({
  template: 'sct40',
  encode: encodeSct40,
  decode: decodeSct40,
  builders: { createCoupon: 'createItem', couponUnpause: 'couponUnPause' },
  creation,
  cases: {
    create: {
      succeeds: ['bob', { ...creation, owner: carol }],
      shows: ['getContract', { ...shown, creator: bob, owner: carol }],
      fails: ['bob', { ...creation, owner: NOBODY }],
      errCode: 4000,
    },
    createCoupon: {
      succeeds: coupons,
      shows: ['getContractItemsByCategory', '1', [shownOf(tea, '0x0')]],
      fails: ['alice', { method: 'createCoupon', coupons: [{ ...tea, point: 1001n }] }],
      errCode: 2000,
    },
    transfer: {
      before: [coupons],
      succeeds: ['alice', { method: 'transfer', to: bob, index: 1n }],
      shows: ['getContractAccount', bob, { index: ['0x1'] }],
      fails: ['alice', { method: 'transfer', to: alice, index: 1n }],
      errCode: 4001,
    },
    transferFrom: {
      before: [coupons, ['alice', { method: 'approve', to: bob, index: 0n }]],
      succeeds: ['bob', { method: 'transferFrom', from: alice, to: carol, index: 0n }],
      shows: ['getContractItem', 0, { ...shownOf(tea, '0x0'), owner: carol }],
      fails: ['carol', { method: 'transferFrom', from: alice, to: carol, index: 0n }],
      errCode: 2001,
    },
    approve: {
      before: [coupons],
      succeeds: ['alice', { method: 'approve', to: bob, index: 0n }],
      shows: ['getAllowance', alice, bob, { index: ['0x0'] }],
      fails: ['bob', { method: 'approve', to: carol, index: 0n }],
      errCode: 2000,
    },
    couponUse: {
      before: [coupons],
      succeeds: ['alice', { method: 'couponUse', index: 1n }],
      shows: ['getContractItem', 1, { ...shownOf(cake, '0x1'), state: '0x2' }],
      fails: ['alice', { method: 'couponUse', index: 2n }],
      errCode: 2000,
    },
    couponPause: {
      before: [coupons],
      succeeds: ['alice', { method: 'couponPause', index: 1n }],
      shows: ['getContractItem', 1, { ...shownOf(cake, '0x1'), state: '0x1' }],
      fails: ['bob', { method: 'couponPause', index: 1n }],
      errCode: 1003,
    },
    couponUnpause: {
      before: [coupons, ['alice', { method: 'couponPause', index: 1n }]],
      succeeds: ['alice', { method: 'couponUnpause', index: 1n }],
      shows: ['getContractItem', 1, shownOf(cake, '0x1')],
      fails: ['alice', { method: 'couponUnpause', index: 0n }],
      errCode: 3000,
    },
    transferOwner: {
      succeeds: ['alice', { method: 'transferOwner', to: bob }],
      shows: ['getContract', { ...shown, owner: bob }],
      fails: ['bob', { method: 'transferOwner', to: bob }],
      errCode: 1003,
    },
  },
});
