export type {
  BroadcastOutcome,
  ChainBlock,
  ChainDriver,
  ChainHead,
  ChainTransaction,
  ContractCall,
  ContractFacts,
  DecodedCall,
  KeyRegistry,
  KeyRegistryOutcome,
  SignedTransaction,
  Signer,
  TransactionOutcome,
  UnsignedIntent,
} from './driver.ts';
export { ChainUnreachable } from './outcomes.ts';
