/** Numbers of `sct_*` reads: documents and clients write the same number in three ways. */
import { quantityOrNumber, type Codec } from '../codec.ts';

/** A QUANTITY, a JSON number or decimal text; written as a QUANTITY. */
export const anyNumber: Codec<bigint> = {
  decode(value, at) {
    if (typeof value === 'string' && /^(0|[1-9][0-9]{0,77})$/.test(value)) return BigInt(value);
    return quantityOrNumber.decode(value, at);
  },
  encode: (value) => quantityOrNumber.encode(value),
};
