import { useEffect } from 'react';
import { useStore } from '../../state/store.ts';
import { navigate } from '../../ui/router.tsx';
import { pendingTransfer } from './pending.ts';

/**
 * While a payment's outcome is not known, the sending screens lead to its outcome: nothing can be sent twice from here. The
 * outcome's screen is fetched beforehand: the network may be gone when it has to say that we are checking.
 */
export function useResume(isSubmitting = false): void {
  useEffect(() => {
    // Where it cannot be fetched now, the router tries again when it is needed.
    import('./Outcome.tsx').catch(() => undefined);
  }, []);
  const pending = useStore(pendingTransfer);
  const askedId = pending?.phase === 'asked' && !isSubmitting ? pending.transferId : null;
  useEffect(() => {
    if (askedId !== null) navigate(`/send/${askedId}`, { isReplacing: true });
  }, [askedId]);
}
