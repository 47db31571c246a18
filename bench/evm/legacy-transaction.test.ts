import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '@jigeum/std';
import { addressOf, createdAddress, encodeCall, eventTopic, signLegacy } from './legacy-transaction.ts';

describe('a legacy Ethereum transaction', () => {
  it('is signed as the example of EIP-155', () => {
    const transaction = {
      nonce: 9,
      gasPriceWei: 20n * 10n ** 9n,
      gas: 21_000n,
      to: new Uint8Array(20).fill(0x35),
      valueWei: 10n ** 18n,
      input: new Uint8Array(0),
    };
    expect(bytesToHex(signLegacy(transaction, 1n, new Uint8Array(32).fill(0x46)))).toBe(
      'f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    );
  });

  it('is sent by the address that its key has, and creates contracts where everybody looks for them', () => {
    // The first account of the mnemonic "test test test test test test test test test test test junk".
    const key = hexToBytes('ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
    expect(bytesToHex(addressOf(key))).toBe('f39fd6e51aad88f6f4ce6ab8827279cfffb92266');
    expect(bytesToHex(createdAddress(addressOf(key), 0))).toBe('5fbdb2315678afecb367f032d93f642f64180aa3');
  });

  it('finds an event by the topic that everybody knows', () => {
    expect(eventTopic('Transfer(address,address,uint256)')).toBe(
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    );
  });

  it('calls a contract by selector and 32-byte arguments', () => {
    expect(bytesToHex(encodeCall('transfer(address,uint256)', new Uint8Array(20).fill(0x11), 258n))).toBe(
      `a9059cbb${'0'.repeat(24)}${'11'.repeat(20)}${'0'.repeat(61)}102`,
    );
  });
});
