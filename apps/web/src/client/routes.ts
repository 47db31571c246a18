/** The client's screens: where each is, who may see it, and what stands around it. */
import type { Route } from '../ui/router.tsx';

export interface RouteFrame {
  /** `public`: only while logged out. `member`: needs a session. */
  readonly access: 'public' | 'member';
  /** `tabs`: with the tab bar on a phone. `flow`: the whole phone for one question. */
  readonly frame: 'tabs' | 'flow';
}

const tabs: RouteFrame = { access: 'member', frame: 'tabs' };
const flow: RouteFrame = { access: 'member', frame: 'flow' };
const open: RouteFrame = { access: 'public', frame: 'flow' };

export const publicRoutes: readonly Route<RouteFrame>[] = [
  { path: '/', data: open, load: () => import('./join/Landing.tsx') },
  { path: '/join', data: open, load: () => import('./join/Join.tsx') },
  { path: '/login', data: open, load: () => import('./join/Login.tsx') },
];

export const memberRoutes: readonly Route<RouteFrame>[] = [
  { path: '/', data: tabs, load: () => import('./home/Home.tsx') },
  { path: '/history', data: tabs, load: () => import('./history/History.tsx') },
  { path: '/history/:transferId', data: flow, load: () => import('./history/History.tsx') },
  { path: '/history/:transferId/receipt', data: flow, load: () => import('./history/PrintReceipt.tsx') },
  { path: '/settings', data: tabs, load: () => import('./settings/Settings.tsx') },
  { path: '/receive', data: flow, load: () => import('./receive/Receive.tsx') },
  { path: '/charge', data: flow, load: () => import('./charge/ChargeAmount.tsx') },
  { path: '/charge/:chargeId', data: flow, load: () => import('./charge/ChargeDetail.tsx') },
  { path: '/send', data: flow, load: () => import('./send/ChoosePayee.tsx') },
  { path: '/send/payee', data: flow, load: () => import('./send/CheckPayee.tsx') },
  { path: '/send/amount', data: flow, load: () => import('./send/EnterAmount.tsx') },
  { path: '/send/:transferId', data: flow, load: () => import('./send/Outcome.tsx') },
];
