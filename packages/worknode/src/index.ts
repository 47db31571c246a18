export { boundHeapGrowth } from './heap.ts';
export { startWorkNode, PortInUseError, UnsafeKeysError, type StartedWorkNode, type StartOptions } from './start.ts';
export {
  createWorkNode,
  type SubmitOutcome,
  type WorkNode,
  type WorkNodeDeps,
  type WorkNodeEvent,
  type WorkNodeOptions,
} from './node.ts';
export { ForeignChainError } from './chain.ts';
export { NodeFolderError } from './folder.ts';
export { GenesisError } from './genesis-fields.ts';
export { openSqliteStorage, type SqliteOptions } from './storage/sqlite.ts';
export { DamagedStorageError, StorageInUseError, type NodeStorage } from './storage/storage.ts';
export { verifyFolder, folderRules, exportFolder, importFolder, type Progress } from './replay/offline.ts';
export { DifferentChainError } from './replay/replay.ts';
export { DifferentStateError, type VerifiedCounts } from './replay/verify.ts';
export { ChainFileError } from './replay/chain-file.ts';
