import { createPendingStore } from './pending-transfer.ts';

/** The one payment that this device may have under way. Survives the tab: it is money. */
export const pendingTransfer = createPendingStore(() => localStorage);
