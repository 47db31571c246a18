export { amountBase, amountWon, instant } from './amount-codec.ts';
export { errorCodes, type ErrorCode } from './error-codes.ts';
export { problemSchema, type Problem } from './problem.ts';
export {
  decodeSecretForm,
  encodeSecretForm,
  SECRET_BYTES_MAX,
  SECRET_FORM_TYPE,
  SecretFormError,
} from './secret-form.ts';
export { routes, type RouteDefinition, type RouteName, type Routes } from './routes.ts';
export { ApiProblem, ApiUnknown, createApiClient, type ApiClient, type CallInput, type CallOutput } from './client.ts';
export { eventSchema, type EventView } from './schemas/events.ts';
export type { PersonView, TokenView } from './schemas/common.ts';
export { carriers, type CheckView } from './schemas/identity.ts';
export { memberId, type MeView } from './schemas/members.ts';
export type { BalancesView, BalanceView } from './schemas/wallets.ts';
export {
  transferStates,
  type OperatorTransferView,
  type PayeeView,
  type ReceiptFileView,
  type ReceiptKeysView,
  type ReceiptVerificationView,
  type TransferState,
  type TransferView,
} from './schemas/transfers.ts';
export { chargeStates, type ChargeView } from './schemas/charges.ts';
export type { FindingView, ReconciledSumsView, RecoveredItemView, RecoveryStepView } from './schemas/reconcile.ts';
export type { OperatorGasView, OperatorTokenView, TokenOperationView } from './schemas/tokens.ts';
export type { DeliveryView, WebhookBody, WebhookView, WebhookWithSecretView } from './schemas/webhooks.ts';
export { verifyWebhook, WebhookRefused, type WebhookRequest } from './verify-webhook.ts';
export type { AlarmView, OutflowStopView, StoppedOutflowView } from './schemas/protection.ts';
export {
  scanOverviewSchema,
  type ScanAccountView,
  type ScanBlockView,
  type ScanChainView,
  type ScanHolderView,
  type ScanItemView,
  type ScanMatch,
  type ScanOverviewView,
  type ScanProofView,
  type ScanTokenRowView,
  type ScanTokenView,
  type ScanTransactionView,
  type ScanWholeBlockView,
  type ScanWholeTransactionView,
} from './schemas/scanner.ts';
