import './Tick.css';

type Tone = 'positive' | 'brand' | 'caution' | 'plain';

/** The mark of an outcome: a tick that draws itself, a turning ring while it is not known, a pause where nothing happened. */
export function Tick({ state, tone = 'positive' }: { state: 'done' | 'waiting' | 'stopped'; tone?: Tone }) {
  return (
    <svg className="tick" data-state={state} data-tone={tone} viewBox="0 0 72 72" aria-hidden="true" focusable="false">
      <circle className="tick-disc" cx="36" cy="36" r="34" />
      {state === 'done' && <path className="tick-stroke" pathLength="1" d="M22 37l10 10 19-21" />}
      {state === 'waiting' && <circle className="tick-ring" cx="36" cy="36" r="24" pathLength="1" />}
      {state === 'stopped' && <path className="tick-stroke" pathLength="1" d="M36 22v18M36 50v.01" />}
    </svg>
  );
}
