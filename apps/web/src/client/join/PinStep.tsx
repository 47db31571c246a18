import { useMutation } from '@tanstack/react-query';
import { randomIds, systemClock } from '@jigeum/std';
import { useEffect, useRef, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api, queryClient, refusalOf } from '../../state/api.ts';
import { meQuery } from '../../state/queries.ts';
import { secretBytes } from '../../state/secrets.ts';
import { takeWantedPlace } from '../../state/session.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { isPinWeak, isSamePin, PinPad, usePinEntry } from '../../ui/PinPad.tsx';
import { navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tick } from '../../ui/Tick.tsx';
import { Problem } from '../Problem.tsx';
import type { StepFrame } from './IdentityStep.tsx';

interface PinStepProps {
  frame: StepFrame;
  checkId: string;
  memberId: string;
  passphrase: string;
  onBack: () => void;
  onOtherId: () => void;
}

/** The payment PIN, twice; then the member joins. */
export function PinStep({ frame, checkId, memberId, passphrase, onBack, onOtherId }: PinStepProps) {
  const t = useT();
  const pin = usePinEntry();
  const first = useRef<Uint8Array | null>(null);
  const [isAgain, setAgain] = useState(false);
  const [complaint, setComplaint] = useState<'weak' | 'differs' | null>(null);
  // One key for this joining: an answer that is lost on the way is asked for again, not joined twice.
  const [joinKey] = useState(() => randomIds.uuid(systemClock.nowMs()));

  const join = useMutation({
    mutationFn: async (chosen: Uint8Array) => {
      const secret = secretBytes(passphrase);
      try {
        return await api.call('join', {
          body: { checkId, memberId },
          secrets: { passphrase: secret, pin: chosen },
          idempotencyKey: joinKey,
        });
      } finally {
        secret.fill(0);
        chosen.fill(0);
      }
    },
    onSuccess: (me) => {
      navigate(takeWantedPlace(), { isReplacing: true });
      queryClient.setQueryData(meQuery.queryKey, me);
    },
    onError: () => startOver(null),
  });

  const startOver = (why: 'weak' | 'differs' | null): void => {
    first.current?.fill(0);
    first.current = null;
    setAgain(false);
    setComplaint(why);
  };
  useEffect(() => () => void first.current?.fill(0), []);

  const complete = (): void => {
    const entered = pin.take();
    if (first.current === null) {
      if (isPinWeak(entered)) {
        entered.fill(0);
        setComplaint('weak');
        return;
      }
      first.current = entered;
      setComplaint(null);
      setAgain(true);
      return;
    }
    if (!isSamePin(first.current, entered)) {
      entered.fill(0);
      startOver('differs');
      return;
    }
    join.mutate(entered);
  };

  if (join.isPending || join.isSuccess)
    return (
      <Screen {...frame} back={null} title={t('join.joining')} lead={t('join.joiningText')}>
        <div className="join-making" role="status">
          <Tick state="waiting" tone="brand" />
        </div>
      </Screen>
    );

  return (
    <Screen
      {...frame}
      onBack={() => {
        if (isAgain) startOver(null);
        else onBack();
      }}
      title={isAgain ? t('join.pinAgainTitle') : t('join.pinTitle')}
      lead={isAgain ? t('join.pinAgainText') : t('join.pinText')}
    >
      <Problem error={join.error} />
      {refusalOf(join.error) === 'member-id-taken' && (
        <Button look="soft" onClick={onOtherId}>
          {t('join.memberIdTitle').replace('\n', ' ')}
        </Button>
      )}
      {complaint !== null && (
        <Notice tone="danger" title={t(complaint === 'weak' ? 'join.pinWeak' : 'join.pinDiffers')} />
      )}
      <div className="pin-stage">
        <PinPad pin={pin} onComplete={complete} isWrong={complaint !== null} />
      </div>
    </Screen>
  );
}
