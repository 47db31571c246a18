/** A receipt's file in the browser: saved as it came, byte for byte, and where its transaction stands in the scanner. */

/** Hands the file to the browser's downloads. */
export function saveReceipt(transferId: string, file: string): void {
  const url = URL.createObjectURL(new Blob([file], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `jigeum-receipt-${transferId}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

/** The scanner's page of the transaction that a receipt names. */
export function transactionPathOf(file: string): string {
  const { receipt } = JSON.parse(file) as { receipt: { transactionHash: string } };
  return `/scan/transactions/${receipt.transactionHash}`;
}
