export {
  isChecksumCase,
  isContractAddress,
  isSymId,
  makeSymId,
  parseSymId,
  symIdFields,
  symIdFromBytes,
  symIdToBytes,
  toChecksumCase,
  SYMID_BYTES,
  SYMID_SEQ_FIRST,
  SYMID_SEQ_LAST,
  SymIdError,
  type SymId,
  type SymIdFields,
} from './symid.ts';
export { sha3_256, type Sha3 } from './hash.ts';
export {
  bytesToInteger,
  decodeRlp,
  encodeRlp,
  integerToBytes,
  isRlpList,
  rlpPrefixBytes,
  writeRlpPrefix,
  RLP_LIMITS,
  RlpError,
  type RlpErrorCode,
  type RlpItem,
  type RlpLimits,
} from './rlp.ts';
export { RecordError } from './record.ts';
export {
  generatePrivateKey,
  isCanonicalSignature,
  isPrivateKey,
  keyHash,
  nobleCrypto,
  signatureFromBytes,
  signatureToBytes,
  CURVE_ORDER,
  SignatureError,
  type ProtocolCrypto,
  type Secp256k1,
  type Signature,
} from './signature.ts';
export { HUG_PER_GHUG, HUG_PER_SYM, SYM_DECIMALS } from './units.ts';
export {
  decodeTransaction,
  encodeTransaction,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_FIELDS,
  TRANSACTION_TYPE,
  WORK_NODES_MAX,
  type Transaction,
  type TransactionType,
  type UnsignedTransaction,
} from './transaction/transaction.ts';
export {
  CHAIN_ID,
  recoverPublicKey,
  recoverSigner,
  signingHash,
  signedPayload,
  signingPayload,
  signTransaction,
  transactionHash,
  type SignedTransaction,
} from './transaction/signing.ts';
export { contractAddress, type ContractAddressRule } from './contract-address.ts';
export { shownText } from './shown-text.ts';
export { describeSctCall, type SctArgument, type SctCallFacts } from './sct/describe.ts';
export { decodeSctCall, encodeSctCall, SCT_TYPE, SctInputError, type SctCall } from './sct/codec.ts';
export {
  SCT_ERR,
  SCT_FAILURES,
  sctErrorText,
  sctFailure,
  type SctErrCode,
  type SctFailure,
  type SctFailureName,
} from './sct/errors.ts';
export { NAME_CHARACTERS_MAX, SYMBOL_CHARACTERS_MAX, SYMBOL_CHARACTERS_MIN } from './sct/template.ts';
export { decodeSct20, encodeSct20, readSct20, SCT20_METHODS, type Sct20Call, type Sct20Method } from './sct/sct20.ts';
export { decodeSct21, encodeSct21, readSct21, SCT21_METHODS, type Sct21Call, type Sct21Method } from './sct/sct21.ts';
export { decodeSct22, encodeSct22, readSct22, SCT22_METHODS, type Sct22Call, type Sct22Method } from './sct/sct22.ts';
export {
  decodeSct30,
  encodeSct30,
  readSct30,
  SCT30_ITEM_FIELDS,
  SCT30_METHODS,
  type Sct30Call,
  type Sct30Item,
  type Sct30Method,
} from './sct/sct30.ts';
export {
  decodeSct40,
  encodeSct40,
  readSct40,
  SCT40_COUPON_FIELDS,
  SCT40_METHODS,
  type Sct40Call,
  type Sct40Coupon,
  type Sct40Method,
} from './sct/sct40.ts';
export { readSct50, readSct51, SCT50_METHODS, SCT51_METHODS, type Sct50Call, type Sct51Call } from './sct/sct50.ts';
export {
  baseGas,
  dataGas,
  gasFeeHug,
  intrinsicGas,
  GAS_BASE_CALL,
  GAS_BASE_CREATE,
  GAS_PER_NONZERO_BYTE,
  GAS_PER_ZERO_BYTE,
  GAS_PRICE_HUG,
} from './gas.ts';
export { estimateGas, sctGas, SCT_GAS } from './sct/gas.ts';
export {
  citizenHash,
  citizenSigningPayload,
  decodeCitizen,
  decodeCitizenState,
  encodeCitizen,
  encodeCitizenState,
  recoverCitizenSigner,
  signCitizen,
  writeTimeSeconds,
  CITIZEN_ACTIVE,
  CITIZEN_FIELDS,
  CITIZEN_ROLE,
  CITIZEN_STATE_FIELDS,
  CITIZEN_STATUS,
  CITIZEN_VERIFIED,
  type Citizen,
  type CitizenState,
  type SignedCitizen,
  type UnsignedCitizen,
} from './citizen.ts';
export {
  citizen2SigningPayload,
  decodeAnyCitizen,
  decodeCitizen2,
  encodeCitizen2,
  isUserId,
  recoverCitizen2Signer,
  CITIZEN_2_FIELDS,
  type Citizen2,
  type UnsignedCitizen2,
} from './citizen-2.ts';
export { isUnsigned as isUnsignedRecord } from './signed-record.ts';
export {
  decodeOracle,
  encodeOracle,
  oracleHash,
  oracleSigningPayload,
  recoverOracleSigner,
  signOracle,
  ORACLE_FIELDS,
  type Oracle,
  type SignedOracle,
  type UnsignedOracle,
} from './oracle.ts';
export { decodeWarrant, encodeWarrant, warrantHash, WARRANT_FIELDS, type Warrant } from './warrant.ts';
export {
  citizenHeaderHash,
  decodeCitizenHeader,
  decodeCitizenBlock,
  decodeOracleBlock,
  decodeWarrantBlock,
  encodeCitizenBlock,
  encodeOracleBlock,
  encodeWarrantBlock,
  oracleHeaderHash,
  warrantHeaderHash,
  type CitizenBlock,
  type CitizenBlockHeader,
  type OracleBlock,
  type OracleBlockHeader,
  type WarrantBlock,
  type WarrantBlockHeader,
} from './sub-chain.ts';
export { decodeReceipt, encodeReceipt, RECEIPT_FIELDS, type Log, type Receipt } from './receipt.ts';
export {
  decodeBlock,
  decodeBlockExtra,
  decodeHeader,
  decodeReward,
  encodeBlock,
  encodeBlockExtra,
  encodeHeader,
  encodeReward,
  headerHash,
  rewardHash,
  BLOCK_BYTES_MAX,
  BLOCK_FIELDS,
  BLOCK_TRANSACTIONS_MAX,
  HEADER_FIELDS,
  REWARD_FIELDS,
  type Block,
  type BlockHeader,
  type BlockMaker,
  type Reward,
  type SignInfo,
  type ValidatorInfo,
} from './block.ts';
export {
  createTrieProver,
  indexEntries,
  indexKey,
  proveEntry,
  trieRoot,
  EMPTY_TRIE_ROOT,
  type TrieEntry,
  type TrieProver,
} from './trie.ts';
export { indexTrieRoot } from './index-trie.ts';
export { TrieProofError, verifyTrieProof, type TrieProofErrorCode } from './trie-proof.ts';
export { isSealedBy } from './seal.ts';
export type { ProvenContract } from './contract-row.ts';
export { PROVEN_TABLE, statePath } from './state-key.ts';
export type { ProofCheck, ProofCheckName } from './proof-checks.ts';
export {
  readBalanceProof,
  readCitizenProof,
  readContractAccountProof,
  readContractProof,
  readTransactionProof,
  verifyBalanceProof,
  verifyCitizenProof,
  verifyContractAccountProof,
  verifyContractProof,
  verifyTransactionProof,
  type BalanceProof,
  type BalanceProofResult,
  type CitizenProof,
  type CitizenProofResult,
  type ContractAccountProof,
  type ContractAccountProofResult,
  type ContractProof,
  type ContractProofResult,
  type ProofResult,
  type ProofTrust,
  type ProvenAccount,
  type ProvenCitizen,
  type TransactionProof,
  type TransactionProofResult,
} from './proof.ts';
