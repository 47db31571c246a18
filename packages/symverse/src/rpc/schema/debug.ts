/** `debug_*`: encoding and decoding of transactions, records and contract calls. Nothing here changes a chain. */
import {
  address,
  arrayOf,
  data,
  dataOf,
  dataOrEmpty,
  hash,
  nullable,
  object,
  optionalParam,
  quantity,
  text,
  withAlias,
  type Codec,
} from '../codec.ts';
import { method, raw } from './method.ts';
import { TRANSACTION_BYTES_MAX } from '../../transaction/transaction.ts';

const bytes = dataOrEmpty(TRANSACTION_BYTES_MAX);
const signature = { v: quantity, r: quantity, s: quantity };
/** Go reads field names in any case, and the documents' samples make use of it. */
const withCase = <T>(codec: Codec<T>): Codec<T> => withAlias(withAlias(codec, 'vFlag', 'VFlag'), 'refCode', 'refcode');

const transactionFields = object(
  { from: address, nonce: quantity, gasPrice: quantity, gas: quantity },
  {
    to: address,
    value: quantity,
    type: quantity,
    workNodes: arrayOf(address, 8),
    data: bytes,
    input: bytes,
    extraData: bytes,
    ...signature,
  },
);
const decodedTransaction = object({
  from: address,
  nonce: quantity,
  gasPrice: quantity,
  gas: quantity,
  to: nullable(address),
  value: quantity,
  input: data,
  type: quantity,
  workNodes: nullable(arrayOf(address, 8)),
  extraData: data,
  ...signature,
  hash,
});

const citizenParts = { from: address, to: address, nonce: quantity, symId: address, aKeyPubH: dataOf(20) };
const citizenNumbers = {
  vFlag: quantity,
  country: quantity,
  status: quantity,
  credit: quantity,
  role: quantity,
  refCode: quantity,
  writeTime: quantity,
};
const citizenFields = withCase(object(citizenParts, { ...citizenNumbers, extraData: bytes, ...signature }));
const decodedCitizen = object({ ...citizenParts, ...citizenNumbers, extraData: data, ...signature, hash });

const oracleFields = object(
  { from: address, nonce: quantity, data: bytes },
  { to: address, extraData: bytes, ...signature },
);
const decodedOracle = object({
  from: address,
  to: address,
  nonce: quantity,
  data,
  extraData: data,
  ...signature,
  hash,
});

/** Two documents name the fields of an item and of a coupon differently. */
const item = withAlias(
  withAlias(
    object(
      {},
      { type: text(), name: text(), value: quantity, category: text(), property: text(), description: text() },
    ),
    'category',
    'groupID',
  ),
  'property',
  'itemID',
);
const coupon = withAlias(
  withAlias(
    object({}, { type: text(), name: text(), point: quantity, groupNo: text(), couponNo: text(), etc: text() }),
    'groupNo',
    'groupID',
  ),
  'couponNo',
  'couponID',
);
/** A call of a contract by names; which of the parameters a method needs is the template's to say. */
export const rpcSctCall = object(
  { type: quantity, method: quantity },
  {
    params: object(
      {},
      {
        name: text(),
        symbol: text(),
        owner: address,
        from: address,
        to: address,
        amount: quantity,
        lockAmount: quantity,
        cpoint: quantity,
        index: quantity,
        items: arrayOf(item, 1024),
        coupons: arrayOf(coupon, 1024),
      },
    ),
  },
);

/** The bytes, and a sentence that says whether the signature in them is the sender's, or what the right one is. */
const encoded = object({ encodedResult: data, signature: text() });
const passphrase = ['passphrase', optionalParam(nullable(text()), null)] as const;

export const DEBUG_METHODS = {
  debug_getTransactionRlp: method([['transaction', transactionFields], passphrase], encoded),
  debug_decodeTransactionRlp: method([['raw', raw]], decodedTransaction),
  debug_getCitizenRlp: method([['citizen', citizenFields], passphrase], encoded),
  debug_decodeCitizenRlp: method([['raw', raw]], decodedCitizen),
  debug_getOracleRlp: method([['oracle', oracleFields], passphrase], encoded),
  debug_decodeOracleRlp: method([['raw', raw]], decodedOracle),
  debug_getSCTRlp: method([['call', rpcSctCall]], data),
} as const;
