import { fromHex0x, toHex0x } from '@jigeum/std';
import { decodeTransaction } from '@jigeum/symverse';
import { Value } from './values.tsx';

/** The fields of signed bytes, decoded in this browser. */
export default function RawFields({ raw }: { raw: string }) {
  const fields = Object.entries(decodeTransaction(fromHex0x(raw)));
  return (
    <dl className="scan-fields" data-names="short">
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <Value value={fieldText(value)} hasCopy={false} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function fieldText(value: unknown): string {
  if (value instanceof Uint8Array) return toHex0x(value);
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string' ? value.toString() : '–';
}
