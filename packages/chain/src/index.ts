export type {
  BroadcastOutcome,
  ChainBlock,
  ChainDriver,
  ChainHead,
  ChainIdentity,
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
