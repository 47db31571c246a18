import type { CheckView } from '@jigeum/api';
import { useEffect, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { navigate, usePlace } from '../../ui/router.tsx';
import { FormTheme } from '../form-theme.tsx';
import { CodeStep } from './CodeStep.tsx';
import { emptyIdentity, IdentityStep, type IdentityForm } from './IdentityStep.tsx';
import { JoinAside } from './JoinAside.tsx';
import { MemberIdStep } from './MemberIdStep.tsx';
import { PassphraseStep } from './PassphraseStep.tsx';
import { PinStep } from './PinStep.tsx';

const STEPS = ['identity', 'code', 'id', 'passphrase', 'pin'] as const;
export type JoinStep = (typeof STEPS)[number];

const goTo = (step: JoinStep): void => navigate(`/join?step=${step}`);

/**
 * Joining, one question after the other. What has been entered stays while the person goes back and forth; secrets live
 * in this component only and are gone with a reload, which begins again.
 */
export default function Join() {
  const t = useT();
  const { search } = usePlace();
  const [identity, setIdentity] = useState<IdentityForm>(emptyIdentity);
  const [check, setCheck] = useState<CheckView | null>(null);
  const [memberId, setMemberId] = useState('');
  const [passphrase, setPassphrase] = useState('');

  const wanted = STEPS.find((step) => step === search.get('step')) ?? 'identity';
  const step = reachable(wanted, { check, memberId, passphrase });
  useEffect(() => {
    if (step !== wanted) navigate(`/join?step=${step}`, { isReplacing: true });
  }, [step, wanted]);
  useEffect(() => {
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [step]);

  const companion = <JoinAside step={STEPS.indexOf(step)} />;
  const label = t('join.step', { step: STEPS.indexOf(step) + 1, total: STEPS.length });
  const frame = { companion, aside: <span className="muted join-count figures">{label}</span> };

  return (
    <FormTheme>
      {step === 'identity' && (
        <IdentityStep
          frame={frame}
          form={identity}
          onChange={setIdentity}
          onSent={(sent) => {
            setCheck(sent);
            goTo('code');
          }}
        />
      )}
      {step === 'code' && check !== null && (
        <CodeStep
          frame={frame}
          check={check}
          onCheck={setCheck}
          onVerified={(verified) => {
            setCheck(verified);
            // Not needed any more, and not ours to keep.
            setIdentity(emptyIdentity);
            navigate('/join?step=id', { isReplacing: true });
          }}
        />
      )}
      {step === 'id' && (
        <MemberIdStep frame={frame} memberId={memberId} onChange={setMemberId} onChosen={() => goTo('passphrase')} />
      )}
      {step === 'passphrase' && (
        <PassphraseStep frame={frame} passphrase={passphrase} onChange={setPassphrase} onChosen={() => goTo('pin')} />
      )}
      {step === 'pin' && check !== null && (
        <PinStep
          frame={frame}
          checkId={check.checkId}
          memberId={memberId}
          passphrase={passphrase}
          onBack={() => goTo('passphrase')}
          onOtherId={() => goTo('id')}
        />
      )}
    </FormTheme>
  );
}

/** The wanted step, or the first before it that is still to be answered. */
function reachable(
  wanted: JoinStep,
  done: { check: CheckView | null; memberId: string; passphrase: string },
): JoinStep {
  const answered: Record<JoinStep, boolean> = {
    identity: done.check !== null,
    code: done.check?.state === 'verified',
    id: done.memberId !== '',
    passphrase: done.passphrase !== '',
    pin: false,
  };
  for (const step of STEPS) if (step === wanted || !answered[step]) return step;
  return wanted;
}
