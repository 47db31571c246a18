import type { CheckView } from '@jigeum/api';
import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api } from '../../state/api.ts';
import { useRequestKey } from '../../state/request-key.ts';
import { countdownText, useSecondsUntil } from '../../state/time.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Problem } from '../Problem.tsx';
import type { StepFrame } from './IdentityStep.tsx';
import { digitsOf } from './phone.ts';

const CODE_LENGTH = 6;

interface CodeStepProps {
  frame: StepFrame;
  check: CheckView;
  onCheck: (check: CheckView) => void;
  onVerified: (check: CheckView) => void;
}

/** The code from the text message: three minutes, five tries. The sixth digit sends it. */
export function CodeStep({ frame, check, onCheck, onVerified }: CodeStepProps) {
  const t = useT();
  const [code, setCode] = useState('');
  const left = useSecondsUntil(check.expiresAt);
  const untilResend = useSecondsUntil(check.resendAfter);
  const params = { checkId: check.checkId };
  const confirm = useMutation({
    mutationFn: (given: string) => api.call('confirmCheck', { params, body: { code: given } }),
    onSuccess: (answer) => (answer.state === 'verified' ? onVerified(answer) : onCheck(answer)),
    onError: () => setCode(''),
  });
  const requestKey = useRequestKey(check.checkId);
  const resend = useMutation({
    mutationFn: () => api.call('resendCheck', { params, idempotencyKey: requestKey.take() }),
    onSettled: (_check, error) => requestKey.settle(error ?? undefined),
    onSuccess: (answer) => {
      setCode('');
      confirm.reset();
      onCheck(answer);
    },
  });
  const submit = (given: string): void => {
    if (given.length === CODE_LENGTH && !confirm.isPending) confirm.mutate(given);
  };

  return (
    <form
      noValidate
      className="screen-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit(code);
      }}
    >
      <Screen
        {...frame}
        back="/join"
        title={t('join.codeTitle')}
        lead={t('join.codeText', { phone: check.maskedPhone })}
        footer={
          <Button
            type="submit"
            disabled={code.length < CODE_LENGTH || left === 0}
            busy={confirm.isPending && t('join.confirmingCode')}
          >
            {t('join.confirmCode')}
          </Button>
        }
      >
        <div className="code-wrap">
          <TextInput
            id="join-code"
            className="code-field"
            label={t('join.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            maxLength={CODE_LENGTH}
            value={code}
            onChange={(event) => {
              const given = digitsOf(event.currentTarget.value).slice(0, CODE_LENGTH);
              setCode(given);
              submit(given);
            }}
          />
          <span className="code-clock figures" aria-label={`${t('join.codeLeft')} ${countdownText(left)}`} role="timer">
            {left === 0 ? t('join.codeExpired') : countdownText(left)}
          </span>
        </div>
        <div className="row resend-row">
          <button
            type="button"
            className="pill-button"
            disabled={untilResend > 0 || resend.isPending || check.sendsLeft === 0}
            onClick={() => resend.mutate()}
          >
            {t('join.resend')}
          </button>
          <span className="muted">
            {untilResend > 0
              ? t('join.resendIn', { seconds: untilResend })
              : t('join.sendsLeft', { count: check.sendsLeft })}
          </span>
        </div>
        {resend.isSuccess && confirm.isIdle && <Notice tone="positive" title={t('join.resent')} />}
        <Problem error={confirm.error ?? resend.error} />
        {check.isSimulation && <Notice tone="brand" icon="alert" title={t('join.simulation')} />}
      </Screen>
    </form>
  );
}
