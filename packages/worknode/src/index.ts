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
export { DamagedStorageError, StorageInUseError, type NodeStorage } from './storage/storage.ts';
