export { bytesToHex, hexToBytes, isHex, toHex0x, fromHex0x, concatBytes, equalBytes } from './hex.ts';
export { assert, assertNever } from './assert.ts';
export { systemClock, fakeClock, sleep, type Clock, type FakeClock } from './clock.ts';
export { randomIds, seededIds, type Ids } from './ids.ts';
