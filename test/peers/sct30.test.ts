/** SCT30 through symjs 1.0.6: every builder, with a success and a failure. */
import { decodeSct30, encodeSct30, type Sct30Call } from '@jigeum/symverse';
import { IDS, NOBODY } from './symjs.ts';
import { testTemplate, type Step } from './template.ts';

const { alice, bob, carol } = IDS;
const creation = { method: 'create', name: 'SymContract', symbol: 'SCN', owner: alice } as const;
const shown = {
  creator: alice,
  owner: alice,
  name: 'SymContract',
  symbol: 'SCN',
  type: 'sct30',
  total: '0x0',
  state: 'active',
  stateCode: '0x0',
};
const dog = { type: 'A', name: 'dog', value: 500n, category: 'animal', property: 'myFirstPet', description: '' };
const cat = { type: 'B', name: '고양이', value: 1n << 200n, category: 'animal', property: '', description: 'soft' };
const shownDog = { ...dog, index: '0x0', owner: alice, state: '0x0', value: '0x1f4' };
const shownCat = { ...cat, index: '0x1', owner: alice, state: '0x0', value: `0x1${'0'.repeat(50)}` };
const pets: Step<Sct30Call> = ['alice', { method: 'createItem', items: [dog, cat] }];

testTemplate<Sct30Call>({
  template: 'sct30',
  encode: encodeSct30,
  decode: decodeSct30,
  builders: { itemUnpause: 'itemUnPause' },
  // The client writes 9, the documents 7.
  writtenOtherwise: ['transferOwner'],
  creation,
  cases: {
    create: {
      succeeds: ['bob', { ...creation, owner: carol }],
      shows: ['getContract', { ...shown, creator: bob, owner: carol }],
      fails: ['bob', { ...creation, owner: NOBODY }],
      errCode: 4000,
    },
    createItem: {
      succeeds: pets,
      shows: ['getContractItemsByCategory', 'animal', [shownDog, shownCat]],
      fails: ['bob', { method: 'createItem', items: [dog] }],
      errCode: 1003,
    },
    transfer: {
      before: [pets],
      succeeds: ['alice', { method: 'transfer', to: bob, index: 0n }],
      shows: ['getContractItem', 0, { ...shownDog, owner: bob }],
      fails: ['bob', { method: 'transfer', to: carol, index: 0n }],
      errCode: 2000,
    },
    transferFrom: {
      before: [pets, ['alice', { method: 'approve', to: bob, index: 1n }]],
      succeeds: ['bob', { method: 'transferFrom', from: alice, to: carol, index: 1n }],
      shows: ['getContractAccount', carol, { index: ['0x1'] }],
      fails: ['bob', { method: 'transferFrom', from: alice, to: carol, index: 0n }],
      errCode: 2001,
    },
    approve: {
      before: [pets],
      succeeds: ['alice', { method: 'approve', to: bob, index: 1n }],
      shows: ['getAllowance', alice, bob, { index: ['0x1'] }],
      fails: ['alice', { method: 'approve', to: bob, index: 2n }],
      errCode: 2000,
    },
    itemPause: {
      before: [pets],
      succeeds: ['alice', { method: 'itemPause', index: 1n }],
      shows: ['getContractItem', '0x1', { ...shownCat, state: '0x1' }],
      fails: ['bob', { method: 'itemPause', index: 1n }],
      errCode: 1003,
    },
    itemUnpause: {
      before: [pets, ['alice', { method: 'itemPause', index: 1n }]],
      succeeds: ['alice', { method: 'itemUnpause', index: 1n }],
      shows: ['getContractItem', 1, shownCat],
      fails: ['alice', { method: 'itemUnpause', index: 0n }],
      errCode: 3000,
    },
    transferOwner: {
      succeeds: ['alice', { method: 'transferOwner', to: bob }],
      shows: ['getContract', { ...shown, owner: bob }],
      fails: ['alice', { method: 'transferOwner', to: NOBODY }],
      errCode: 4000,
    },
  },
});
