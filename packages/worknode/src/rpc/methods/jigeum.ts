/** `jigeum_*`: proofs that a third party checks without believing this node. Ours: gsym has no such methods. */
import { equalBytes } from '@jigeum/std';
import { encodeHeader, indexKey } from '@jigeum/symverse';
import { RPC_CODE } from '@jigeum/symverse/rpc';
import type { StoredBlock } from '../../storage/storage.ts';
import { holdingKey } from '../../state/tables.ts';
import { createBlockProvers } from '../block-provers.ts';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';

/** Handlers over a node. The first proof of a full block's transactions hashes the whole block, some 30 ms; the next ones do not. */
export function jigeumHandlers({ node, blockAt, placed }: Reads): HandlersOf<'jigeum'> {
  const { genesis } = node.chain;
  const provenBlock = createBlockProvers((number) => blockAt(BigInt(number)));
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
    jigeum_getContractProof(contract) {
      const { value, proof } = node.chain.state.prove('contract', contract);
      return { ...sealedHead(), contract, row: value, proof };
    },
    jigeum_getContractAccountProof(contract, symId) {
      const { value, proof } = node.chain.state.prove('holding', holdingKey(contract, symId));
      return { ...sealedHead(), contract, symId, holding: value, proof };
    },
    jigeum_getTransactionProof(hash) {
      const found = placed(hash);
      const proven = found && provenBlock(found.place.blockNumber, found.place.blockHash);
      if (found === undefined || proven === undefined) return null;
      const { index } = found.place;
      const key = indexKey(index);
      return {
        ...sealed(proven.block),
        transactionIndex: BigInt(index),
        transaction: found.row.raw,
        transactionProof: proven.transactions.prove(key),
        receipt: found.row.receipt,
        receiptProof: proven.receipts.prove(key),
      };
    },
  };
}
