/** `personal_*` and the methods that sign with a key which the node keeps. */
import {
  address,
  arrayOf,
  boolean,
  data,
  dataOf,
  hash,
  object,
  optionalParam,
  quantity,
  text,
  wholeNumber,
} from '../codec.ts';
import { method, raw } from './method.ts';

const passphrase = ['passphrase', text(1024)] as const;
/** Seconds, as the documents' JSON number. */
const UNLOCK_SECONDS = 300;

/** A transaction that the node completes and signs: left out are what it knows better. */
export const rpcTransactionRequest = object(
  { from: address },
  {
    to: address,
    gas: quantity,
    gasPrice: quantity,
    value: quantity,
    type: quantity,
    input: raw,
    data: raw,
    nonce: quantity,
    workNodes: arrayOf(address, 8),
  },
);

/** A citizen record that the node completes and signs with the key of `from`, a CA. */
export const rpcCitizenRequest = object(
  { from: address, symId: address, aKeyPubH: dataOf(20) },
  {
    to: address,
    nonce: quantity,
    vFlag: quantity,
    country: quantity,
    status: quantity,
    credit: quantity,
    role: quantity,
    refCode: quantity,
  },
);

const transaction = ['transaction', rpcTransactionRequest] as const;

export const KEY_METHODS = {
  personal_listAccounts: method([], arrayOf(address)),
  personal_newAccount: method([['symId', address], passphrase], address),
  personal_importRawKey: method([['privateKey', text(66)], passphrase], address),
  personal_unlockAccount: method(
    [['symId', address], passphrase, ['seconds', optionalParam(wholeNumber, UNLOCK_SECONDS)]],
    boolean,
  ),
  personal_lockAccount: method([['symId', address]], boolean),
  personal_sendTransaction: method([transaction, passphrase], hash),
  sym_sign: method(
    [
      ['symId', address],
      ['message', data],
    ],
    dataOf(65),
  ),
  sym_sendTransaction: method([transaction], hash),
  sym_setDeposit: method(
    [
      ['symId', address],
      ['value', quantity],
    ],
    hash,
  ),
  sym_restoreDeposit: method([['symId', address]], hash),
  citizen_sendCitizen: method([['citizen', rpcCitizenRequest]], hash),
} as const;
