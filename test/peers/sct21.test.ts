/** SCT21 through symjs 1.0.6: every builder, with a success and a failure. */
import { decodeSct21, encodeSct21, type Sct21Call } from '@jigeum/symverse';
import { IDS, NOBODY } from './symjs.ts';
import { testTemplate, type Step } from './template.ts';

const { alice, bob, carol } = IDS;
const creation: Extract<Sct21Call, { method: 'create' }> = {
  method: 'create',
  name: 'SymToken',
  symbol: 'STK',
  amount: 100n * 10n ** 18n,
  lockAmount: 40n * 10n ** 18n,
  owner: alice,
};
const shown = {
  creator: alice,
  owner: alice,
  name: 'SymToken',
  symbol: 'STK',
  type: 'sct21',
  total: '0x56bc75e2d63100000',
  lock: '0x22b1c8c1227a00000',
  state: 'active',
  stateCode: '0x0',
};
const account = (balance: string, lockBalance: string) => ({ balance, lockBalance, state: 'active', stateCode: '0x0' });
/** bob has 100 tokens that are locked and 5 that are not. */
const lockedForBob: Step<Sct21Call> = ['alice', { method: 'lockTransfer', to: bob, amount: 5n, lockAmount: 100n }];

testTemplate<Sct21Call>({
  template: 'sct21',
  encode: encodeSct21,
  decode: decodeSct21,
  builders: { accountLock: 'AccountLock', accountUnlock: 'AccountUnLock' },
  creation,
  cases: {
    create: {
      succeeds: ['bob', { ...creation, owner: carol }],
      shows: ['getContract', { ...shown, creator: bob, owner: carol }],
      fails: ['bob', { ...creation, lockAmount: creation.amount + 1n }],
      errCode: 1001,
    },
    transfer: {
      succeeds: ['alice', { method: 'transfer', to: bob, amount: 60n * 10n ** 18n }],
      shows: ['getContractAccount', bob, account('0x340aad21b3b700000', '0x0')],
      fails: ['alice', { method: 'transfer', to: bob, amount: 60n * 10n ** 18n + 1n }],
      errCode: 2000,
    },
    transferFrom: {
      before: [['alice', { method: 'approve', to: bob, amount: 1000n }]],
      succeeds: ['bob', { method: 'transferFrom', from: alice, to: carol, amount: 400n }],
      shows: ['getContractAccount', carol, account('0x190', '0x0')],
      fails: ['carol', { method: 'transferFrom', from: alice, to: carol, amount: 1n }],
      errCode: 2001,
    },
    approve: {
      before: [['alice', { method: 'accountLock', to: carol }]],
      succeeds: ['alice', { method: 'approve', to: bob, amount: 1000n }],
      shows: ['getAllowance', alice, bob, { balance: '0x3e8' }],
      fails: ['carol', { method: 'approve', to: bob, amount: 1n }],
      errCode: 1002,
    },
    decreaseApprove: {
      before: [['alice', { method: 'approve', to: bob, amount: 1000n }]],
      succeeds: ['alice', { method: 'decreaseApprove', to: bob, amount: 999n }],
      shows: ['getAllowance', alice, bob, { balance: '0x1' }],
      fails: ['alice', { method: 'decreaseApprove', to: carol, amount: 1n }],
      errCode: 2001,
    },
    mint: {
      succeeds: ['alice', { method: 'mint', to: bob, amount: 7n }],
      shows: ['getContractAccount', bob, account('0x7', '0x0')],
      fails: ['alice', { method: 'mint', to: bob, amount: (1n << 256n) - 1n }],
      errCode: 1001,
    },
    burn: {
      before: [lockedForBob],
      succeeds: ['alice', { method: 'burn', from: bob, amount: 5n }],
      shows: ['getContractAccount', bob, account('0x0', '0x64')],
      fails: ['alice', { method: 'burn', from: bob, amount: 6n }],
      errCode: 2000,
    },
    pause: {
      succeeds: ['alice', { method: 'pause' }],
      shows: ['getContract', { ...shown, state: 'paused', stateCode: '0x1' }],
      fails: ['bob', { method: 'pause' }],
      errCode: 1003,
    },
    unpause: {
      before: [['alice', { method: 'pause' }]],
      succeeds: ['alice', { method: 'unpause' }],
      shows: ['getContract', shown],
      fails: ['bob', { method: 'unpause' }],
      errCode: 1003,
    },
    transferOwner: {
      succeeds: ['alice', { method: 'transferOwner', to: bob }],
      shows: ['getContract', { ...shown, owner: bob }],
      fails: ['alice', { method: 'transferOwner', to: alice }],
      errCode: 4001,
    },
    lockTransfer: {
      succeeds: lockedForBob,
      shows: ['getContractAccount', bob, account('0x5', '0x64')],
      fails: ['alice', { method: 'lockTransfer', to: bob, amount: 1n, lockAmount: creation.lockAmount + 1n }],
      errCode: 2000,
    },
    unlockAmount: {
      before: [lockedForBob],
      succeeds: ['alice', { method: 'unlockAmount', to: bob, amount: 40n }],
      shows: ['getContractAccount', bob, account('0x2d', '0x3c')],
      fails: ['alice', { method: 'unlockAmount', to: bob, amount: 101n }],
      errCode: 2000,
    },
    restoreLockAmount: {
      before: [lockedForBob],
      succeeds: ['alice', { method: 'restoreLockAmount', to: bob, amount: 100n }],
      shows: ['getContract', shown],
      fails: ['bob', { method: 'restoreLockAmount', to: bob, amount: 1n }],
      errCode: 1003,
    },
    addLockAmount: {
      succeeds: ['alice', { method: 'addLockAmount', amount: 60n * 10n ** 18n }],
      shows: ['getContract', { ...shown, lock: shown.total }],
      fails: ['alice', { method: 'addLockAmount', amount: 60n * 10n ** 18n + 1n }],
      errCode: 2000,
    },
    subLockAmount: {
      succeeds: ['alice', { method: 'subLockAmount', amount: 40n * 10n ** 18n }],
      shows: ['getContract', { ...shown, lock: '0x0' }],
      fails: ['bob', { method: 'subLockAmount', amount: 1n }],
      errCode: 1003,
    },
    accountLock: {
      succeeds: ['alice', { method: 'accountLock', to: bob }],
      shows: ['getContractAccount', bob, { ...account('0x0', '0x0'), state: 'locked', stateCode: '0x1' }],
      fails: ['alice', { method: 'accountLock', to: NOBODY }],
      errCode: 4000,
    },
    accountUnlock: {
      before: [['alice', { method: 'accountLock', to: bob }]],
      succeeds: ['alice', { method: 'accountUnlock', to: bob }],
      shows: ['getContractAccount', bob, account('0x0', '0x0')],
      fails: ['alice', { method: 'accountUnlock', to: carol }],
      errCode: 1002,
    },
  },
});
