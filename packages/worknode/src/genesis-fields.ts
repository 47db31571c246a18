/** Reads single values of a genesis file. Every refusal names the field. */
import { hexToBytes, isHex } from '@jigeum/std';
import { parseSymId, SymIdError, type SymId } from '@jigeum/symverse';

/** A genesis that cannot begin a chain. The message names the field. */
export class GenesisError extends Error {
  override readonly name = 'GenesisError';
}

/** The JSON of a text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GenesisError(
      `Expected the genesis to be JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** An object. */
export function readObject(what: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GenesisError(`Expected ${what} to be a JSON object.`);
  return value as Record<string, unknown>;
}

/** An integer within bounds, or undefined where the file says nothing. */
export function optionalInteger(name: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new GenesisError(
      `Expected ${name} of the genesis to be an integer from ${min} to ${max}, got ${JSON.stringify(value)}.`,
    );
  }
  return value;
}

/** A SymID. */
export function readSymId(where: string, value: unknown): SymId {
  try {
    return parseSymId(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
  } catch (cause) {
    if (cause instanceof SymIdError) throw new GenesisError(`${where} of the genesis: ${cause.message}`, { cause });
    throw cause;
  }
}

/** 20 bytes as 0x and hex. */
export function readKeyHash(where: string, value: unknown): Uint8Array {
  const hex = typeof value === 'string' && value.startsWith('0x') ? value.slice(2) : undefined;
  if (hex === undefined || hex.length !== 40 || !isHex(hex)) {
    throw new GenesisError(`Expected ${where} of the genesis as 0x and 40 hex digits, got ${JSON.stringify(value)}.`);
  }
  return hexToBytes(hex);
}

/** An amount of at most 256 bits as a decimal string: JSON numbers are not exact. */
export function readAmount(where: string, unit: string, value: unknown): bigint {
  const amount = typeof value === 'string' && /^(0|[1-9][0-9]{0,77})$/.test(value) ? BigInt(value) : undefined;
  if (amount === undefined || amount >= 1n << 256n) {
    throw new GenesisError(
      `Expected ${where} of the genesis as a decimal string of ${unit}, got ${JSON.stringify(value)}.`,
    );
  }
  return amount;
}
