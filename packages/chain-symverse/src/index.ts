export { createSymverseDriver, type SymverseDriverOptions } from './driver.ts';
export { createCaRegistry, type CaRegistryOptions } from './registry.ts';
