import { useEffect } from 'react';
import { useStore } from '../../state/store.ts';
import { navigate } from '../../ui/router.tsx';
import { pendingTransfer } from './pending.ts';

/** While a payment's outcome is not known, the sending screens lead to its outcome: nothing can be sent twice from here. */
export function useResume(isSubmitting = false): void {
  const pending = useStore(pendingTransfer);
  const askedId = pending?.phase === 'asked' && !isSubmitting ? pending.transferId : null;
  useEffect(() => {
    if (askedId !== null) navigate(`/send/${askedId}`, { isReplacing: true });
  }, [askedId]);
}
