import type { MeView } from '@jigeum/api';
import { createContext, use, type ReactNode } from 'react';

const Context = createContext<MeView | null>(null);

export function MeProvider({ me, children }: { me: MeView; children: ReactNode }) {
  return <Context value={me}>{children}</Context>;
}

/** The member who is logged in. Only below the member's part of the app. */
export function useMe(): MeView {
  const me = use(Context);
  if (me === null) throw new Error('Expected a logged-in member above this component.');
  return me;
}
