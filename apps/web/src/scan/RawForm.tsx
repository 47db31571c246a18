import { lazy, Suspense, useState } from 'react';
import { useT } from '../i18n/scan.ts';
import { Card } from './parts.tsx';
import { Value } from './values.tsx';

/** Decoding needs the protocol library, which nobody else on the page does. */
const RawFields = lazy(() => import('./RawFields.tsx'));

/** The signed bytes as they are, and the thirteen fields that they say. */
export function RawForm({ raw }: { raw: string }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  return (
    <Card title={t('transaction.raw')}>
      <p className="muted">{t('transaction.rawText', { bytes: (raw.length - 2) / 2 })}</p>
      <div className="scan-raw">
        <button type="button" className="pill-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? 'app.hide' : 'app.show')}
        </button>
        {isOpen && (
          <>
            <Value value={raw} />
            <h3>{t('transaction.fields')}</h3>
            <Suspense fallback={<p className="muted">{t('app.loading')}</p>}>
              <RawFields raw={raw} />
            </Suspense>
          </>
        )}
      </div>
    </Card>
  );
}
