import type { ScanTransactionView } from '@jigeum/api';
import { useT } from '../i18n/scan.ts';
import { Card } from './parts.tsx';
import { Address, ChainText, GroupedText, UnitText } from './values.tsx';

type Call = NonNullable<ScanTransactionView['call']>;

/** What a call says, argument by argument, under the protocol's names. */
export function CallArgs({ call }: { call: Call }) {
  const t = useT();
  return (
    <Card title={t('transaction.args')} end={<code>{`${call.template.toUpperCase()} ${call.method}`}</code>}>
      <dl className="scan-fields" data-names="short">
        {Object.entries(call.args).map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {typeof value === 'string' ? (
                <>
                  <ArgValue value={value} />
                  {call.tokenDecimals !== null && /^(?:amount|lockAmount)$/.test(name) && (
                    <>
                      {' '}
                      <span className="muted scan-equal">
                        {'= '}
                        <UnitText
                          amount={BigInt(value)}
                          decimals={call.tokenDecimals}
                          symbol={call.tokenSymbol ?? ''}
                        />
                      </span>
                    </>
                  )}
                </>
              ) : (
                <ol className="scan-args">
                  {value.map((one, index) => (
                    <li key={index}>{typeof one === 'string' ? <ArgValue value={one} /> : <Thing thing={one} />}</li>
                  ))}
                </ol>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

/** An item or a coupon. */
const Thing = ({ thing }: { thing: Readonly<Record<string, string>> }) => (
  <dl className="scan-thing">
    {Object.entries(thing).map(([name, value]) => (
      <div key={name}>
        <dt>
          <code>{name}</code>
        </dt>
        <dd>{value === '' ? '–' : <ArgValue value={value} />}</dd>
      </div>
    ))}
  </dl>
);

function ArgValue({ value }: { value: string }) {
  if (/^0x[0-9a-f]{20}$/.test(value)) return <Address address={value} />;
  if (/^[0-9]{1,78}$/.test(value))
    return (
      <span className="figures scan-unit">
        <GroupedText text={BigInt(value).toLocaleString('en')} />
      </span>
    );
  return <ChainText isWhole>{value}</ChainText>;
}
