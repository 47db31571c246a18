/** `jigeum_*`: proofs that a third party checks without believing this node. Ours: gsym has no such methods. */
import { equalBytes } from '@jigeum/std';
import { encodeHeader, indexEntries, indexKey, proveEntry } from '@jigeum/symverse';
import { nativeSha3 } from '@jigeum/symverse/native';
import { RPC_CODE } from '@jigeum/symverse/rpc';
import type { StoredBlock } from '../../storage/storage.ts';
import { holdingKey } from '../../state/tables.ts';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';

/** Handlers over a node. A proof of a full block's transaction hashes the whole block: some 30 ms. */
export function jigeumHandlers({ node, blockAt, placed }: Reads): HandlersOf<'jigeum'> {
  const { genesis } = node.chain;
  const sealed = ({ header, sign }: Pick<StoredBlock, 'header' | 'sign'>) => ({
    chainId: genesis.chainId,
    header,
    sign,
    sealer: genesis.sealer.symId,
    sealerKeyHash: genesis.sealer.keyHash,
  });
  const sealedHead = () => {
    const { header, sign } = node.chain.head();
    return sealed({ header: encodeHeader(header), sign });
  };
  return {
    jigeum_getBalanceProof(symId) {
      const { value, proof } = node.chain.state.prove('account', symId);
      return { ...sealedHead(), symId, account: value, proof };
    },
    jigeum_getCitizenProof(symId) {
      const { number, hash, header: citizenHeader } = node.chain.citizenHead();
      const { header } = node.chain.head();
      if (!equalBytes(header.cbHash, hash)) {
        throw new RpcFault({
          code: RPC_CODE.serverError,
          message: `citizen block ${number} is not sealed: expected block ${header.number} to name it, got ${header.cbNum}; ask again after the next block`,
        });
      }
      const { value, proof } = node.chain.state.prove('citizen', symId);
      return { ...sealedHead(), citizenHeader, symId, citizen: value, proof };
    },
    jigeum_getContractAccountProof(contract, symId) {
      const { value, proof } = node.chain.state.prove('holding', holdingKey(contract, symId));
      return { ...sealedHead(), contract, symId, holding: value, proof };
    },
    jigeum_getTransactionProof(hash) {
      const found = placed(hash);
      const block = found && blockAt(BigInt(found.place.blockNumber));
      if (found === undefined || block === undefined) return null;
      const { index } = found.place;
      const { transactions } = block;
      return {
        ...sealed(block),
        transactionIndex: BigInt(index),
        transaction: found.row.raw,
        transactionProof: proofAt(
          transactions.map(({ raw }) => raw),
          index,
        ),
        receipt: found.row.receipt,
        receiptProof: proofAt(
          transactions.map(({ receipt }) => receipt),
          index,
        ),
      };
    },
  };
}

const proofAt = (values: readonly Uint8Array[], index: number): Uint8Array[] =>
  proveEntry(indexEntries(values), indexKey(index), nativeSha3);
