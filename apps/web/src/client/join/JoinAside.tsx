import { useT } from '../../i18n/client.ts';
import { Icon } from '../../ui/Icon.tsx';
import './Join.css';

/** The steps of joining beside the question, on a wide window. */
export function JoinAside({ step }: { step: number }) {
  const t = useT();
  const names = [t('join.side1'), t('join.side2'), t('join.side3'), t('join.side4'), t('join.side5')];
  return (
    <div className="card stack">
      <h2>{t('join.sideTitle')}</h2>
      <ol className="join-steps">
        {names.map((name, index) => (
          <li key={name} aria-current={index === step ? 'step' : undefined} data-done={index < step}>
            <span className="join-step-mark figures">{index < step ? <Icon name="check" size={16} /> : index + 1}</span>
            {name}
          </li>
        ))}
      </ol>
    </div>
  );
}
