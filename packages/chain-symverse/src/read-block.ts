/** What a node shows of a block beyond its transactions: the header's bytes, the seal, the size. */
import type { ChainBlock } from '@jigeum/chain';
import { fromHex0x, toHex0x } from '@jigeum/std';
import { decodeHeader, encodeHeader } from '@jigeum/symverse';
import type { RpcBlock } from '@jigeum/symverse/rpc';

/** The parts that close a block. The header is RLP of its 23 fields; with a node of ours its SHA3-256 is the block's hash. */
export function closingOf(block: RpcBlock): Pick<ChainBlock, 'header' | 'seal' | 'size'> {
  const { sign } = block.signInfo;
  return {
    header: toHex0x(
      encodeHeader({
        parentHash: fromHex0x(block.parentHash),
        primary: block.primary,
        stateRoot: fromHex0x(block.stateRoot),
        sctRoot: fromHex0x(block.sctRoot),
        transactionsRoot: fromHex0x(block.transactionsRoot),
        rewardRoot: fromHex0x(block.rewardRoot),
        receiptsRoot: fromHex0x(block.receiptsRoot),
        cbHash: fromHex0x(block.cbHash),
        wbHash: fromHex0x(block.wbHash),
        obHash: fromHex0x(block.obHash),
        number: block.number,
        cbNum: block.cbNum,
        wbNum: block.wbNum,
        obNum: block.obNum,
        activeCbNum: block.activeCbNum,
        activeWbNum: block.activeWbNum,
        activeObNum: block.activeObNum,
        logsBloom: block.logsBloom,
        tickStamp: block.tickStamp,
        time: block.timeStamp,
        gasLimit: block.gasLimit,
        gasUsed: block.gasUsed,
        extra: block.extraData,
      }),
    ),
    seal: sign.length === 0 ? null : toHex0x(sign),
    size: Number(block.size),
  };
}

/** The fields of a header by the protocol's names. */
export const headerFacts = (header: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(decodeHeader(fromHex0x(header))).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? toHex0x(value) : value.toString(),
    ]),
  );
