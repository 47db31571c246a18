import { memberId as memberIdSchema } from '@jigeum/api';
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api } from '../../state/api.ts';
import { Button } from '../../ui/Button.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Problem } from '../Problem.tsx';
import type { StepFrame } from './IdentityStep.tsx';

/** Typing has to rest this long before the server is asked. */
const REST_MS = 350;

interface MemberIdStepProps {
  frame: StepFrame;
  memberId: string;
  onChange: (memberId: string) => void;
  onChosen: () => void;
}

/** The name that others pay to, with the answer whether it is free while it is typed. */
export function MemberIdStep({ frame, memberId, onChange, onChosen }: MemberIdStepProps) {
  const t = useT();
  const rested = useRested(memberId);
  const isValid = memberIdSchema.safeParse(memberId).success;
  const availability = useQuery({
    queryKey: ['availability', rested],
    queryFn: ({ signal }) => api.call('memberIdAvailability', { query: { memberId: rested }, signal }),
    enabled: memberIdSchema.safeParse(rested).success,
  });
  const isChecked = rested === memberId && availability.data !== undefined;
  const isFree = isValid && isChecked && availability.data.isAvailable;
  const isTaken = isValid && isChecked && !availability.data.isAvailable;

  return (
    <form
      noValidate
      className="screen-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isFree) onChosen();
      }}
    >
      <Screen
        {...frame}
        back={null}
        title={t('join.memberIdTitle')}
        lead={t('join.memberIdText')}
        footer={
          <Button type="submit" disabled={!isFree}>
            {t('join.useId')}
          </Button>
        }
      >
        <TextInput
          id="join-member-id"
          label={t('join.memberId')}
          placeholder={t('join.memberIdPlaceholder')}
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          autoFocus
          maxLength={20}
          value={memberId}
          onChange={(event) => onChange(event.currentTarget.value.toLowerCase().replace(/[^a-z0-9]/g, ''))}
          error={
            isTaken ? t('join.memberIdTaken') : memberId.length >= 4 && !isValid ? t('join.memberIdInvalid') : null
          }
        />
        <p role="status" className={isFree ? 'field-ok' : 'muted'}>
          {isFree
            ? t('join.memberIdFree')
            : isValid && !isTaken && !availability.isError
              ? t('join.memberIdChecking')
              : ''}
        </p>
        <Problem error={availability.error} />
      </Screen>
    </form>
  );
}

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
