/** SCT20 through symjs 1.0.6: every builder, with a success and a failure. */
import { decodeSct20, encodeSct20, type Sct20Call } from '@jigeum/symverse';
import { IDS, NOBODY } from './symjs.ts';
import { testTemplate } from './template.ts';

const { alice, bob, carol } = IDS;
/** The paper's Fig. 17. */
const creation: Extract<Sct20Call, { method: 'create' }> = {
  method: 'create',
  name: 'eSportsToken',
  symbol: 'EST',
  amount: 0x204fce5e3e25026110000000n,
  owner: alice,
};
const shown = {
  creator: alice,
  owner: alice,
  name: 'eSportsToken',
  symbol: 'EST',
  type: 'sct20',
  total: '0x204fce5e3e25026110000000',
  state: 'active',
  stateCode: '0x0',
};

testTemplate<Sct20Call>({
  template: 'sct20',
  encode: encodeSct20,
  decode: decodeSct20,
  creation,
  cases: {
    create: {
      succeeds: ['bob', { ...creation, owner: carol }],
      shows: ['getContract', { ...shown, creator: bob, owner: carol }],
      fails: ['bob', { ...creation, owner: NOBODY }],
      errCode: 4000,
    },
    transfer: {
      succeeds: ['alice', { method: 'transfer', to: bob, amount: 0x2b5e3af16b1880000n }],
      shows: ['getContractAccount', bob, { balance: '0x2b5e3af16b1880000' }],
      fails: ['bob', { method: 'transfer', to: carol, amount: 1n }],
      errCode: 2000,
    },
    transferFrom: {
      before: [['alice', { method: 'approve', to: bob, amount: 1000n }]],
      succeeds: ['bob', { method: 'transferFrom', from: alice, to: carol, amount: 400n }],
      shows: ['getAllowance', alice, bob, { balance: '0x258' }],
      fails: ['bob', { method: 'transferFrom', from: alice, to: carol, amount: 1001n }],
      errCode: 2001,
    },
    approve: {
      succeeds: ['alice', { method: 'approve', to: bob, amount: 10n ** 18n }],
      shows: ['getAllowance', alice, bob, { balance: '0xde0b6b3a7640000' }],
      fails: ['alice', { method: 'approve', to: alice, amount: 1n }],
      errCode: 4001,
    },
    decreaseApprove: {
      before: [['alice', { method: 'approve', to: bob, amount: 1000n }]],
      succeeds: ['alice', { method: 'decreaseApprove', to: bob, amount: 1000n }],
      shows: ['getAllowance', alice, bob, { balance: '0x0' }],
      fails: ['alice', { method: 'decreaseApprove', to: bob, amount: 1001n }],
      errCode: 2001,
    },
    mint: {
      succeeds: ['alice', { method: 'mint', to: bob, amount: 7n }],
      shows: ['getContractAccount', bob, { balance: '0x7' }],
      fails: ['bob', { method: 'mint', to: bob, amount: 7n }],
      errCode: 1003,
    },
    burn: {
      before: [['alice', { method: 'transfer', to: bob, amount: 7n }]],
      succeeds: ['alice', { method: 'burn', from: bob, amount: 3n }],
      shows: ['getContractAccount', bob, { balance: '0x4' }],
      fails: ['alice', { method: 'burn', from: bob, amount: 8n }],
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
      fails: ['carol', { method: 'unpause' }],
      errCode: 1003,
    },
    transferOwner: {
      succeeds: ['alice', { method: 'transferOwner', to: bob }],
      shows: ['getContract', { ...shown, owner: bob }],
      fails: ['alice', { method: 'transferOwner', to: NOBODY }],
      errCode: 4000,
    },
  },
});
