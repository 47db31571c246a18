import { useState } from 'react';
import { useT } from '../i18n/scan.ts';
import { Card } from './parts.tsx';
import { Value } from './values.tsx';

const FIELDS = [
  'parentHash',
  'primary',
  'stateRoot',
  'sctRoot',
  'transactionsRoot',
  'rewardRoot',
  'receiptsRoot',
  'cbHash',
  'wbHash',
  'obHash',
  'number',
  'cbNum',
  'wbNum',
  'obNum',
  'activeCbNum',
  'activeWbNum',
  'activeObNum',
  'logsBloom',
  'tickStamp',
  'time',
  'gasLimit',
  'gasUsed',
  'extra',
] as const;

/** Every field of a block's header, in the order in which it is hashed, with what it means. */
export function HeaderFields({ header, raw }: { header: Readonly<Record<string, string>>; raw: string }) {
  const t = useT();
  const [isRawOpen, setRawOpen] = useState(false);
  return (
    <Card title={t('block.header')}>
      <p className="muted">{t('block.headerText', { count: FIELDS.length })}</p>
      <dl className="scan-fields">
        {FIELDS.map((name) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
              <span>{t(`header.${name}`)}</span>
            </dt>
            <dd>
              <FieldValue value={header[name] ?? ''} />
            </dd>
          </div>
        ))}
      </dl>
      <div className="scan-raw">
        <button type="button" className="pill-button" aria-expanded={isRawOpen} onClick={() => setRawOpen(!isRawOpen)}>
          {t('block.raw')} · {t(isRawOpen ? 'app.hide' : 'app.show')}
        </button>
        {isRawOpen && <Value value={raw} />}
      </div>
    </Card>
  );
}

const SHORT_HEX = 34;

function FieldValue({ value }: { value: string }) {
  const t = useT();
  if (/^0x0+$/.test(value) && value.length > SHORT_HEX)
    return <span className="muted">{t('block.zero', { count: (value.length - 2) / 2 })}</span>;
  if (!value.startsWith('0x')) return <span className="figures">{BigInt(value).toLocaleString('en')}</span>;
  return <Value value={value} />;
}
