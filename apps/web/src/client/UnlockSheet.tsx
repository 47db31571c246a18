import { lazy, Suspense } from 'react';
import { isLocked } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useT } from '../i18n/client.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { Skeleton } from '../ui/Notice.tsx';

const Unlock = lazy(() => import('./join/Unlock.tsx'));

/** Asks for the passphrase over the screen, which keeps all that was entered. */
export function UnlockSheet() {
  const t = useT();
  const isOpen = useStore(isLocked);
  return (
    <Sheet isOpen={isOpen} isClosable={false} label={t('login.unlockTitle')} onClose={() => undefined}>
      <Suspense fallback={<Skeleton height="12rem" />}>
        <Unlock />
      </Suspense>
    </Sheet>
  );
}
