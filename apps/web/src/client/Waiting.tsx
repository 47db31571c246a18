import { useT } from '../i18n/client.ts';
import { Button } from '../ui/Button.tsx';
import { Skeleton, WaitText } from '../ui/Notice.tsx';
import { Screen } from '../ui/Screen.tsx';

/** The shape of a screen before it is there. */
export function ScreenSkeleton() {
  const t = useT();
  return (
    <div className="screen-stage">
      <div className="screen" aria-busy="true">
        <div className="screen-bar" />
        <div className="screen-head">
          <Skeleton width="60%" height="2rem" />
          <Skeleton width="40%" />
        </div>
        <div className="screen-body">
          <Skeleton height="8rem" />
          <Skeleton height="3.375rem" />
          <WaitText>{t('app.loading')}</WaitText>
        </div>
      </div>
    </div>
  );
}

/** Nothing came: the money first, then the one next step. */
export function LoadFailed({ onRetry }: { onRetry: () => void }) {
  const t = useT();
  return (
    <main className="public">
      <Screen
        title={t('app.loadFailed')}
        lead={t('app.loadFailedHint')}
        back={null}
        footer={<Button onClick={onRetry}>{t('app.retry')}</Button>}
      />
    </main>
  );
}
