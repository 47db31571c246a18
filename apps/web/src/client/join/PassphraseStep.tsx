import { PasswordInput } from '@mantine/core';
import { useMemo } from 'react';
import { useT } from '../../i18n/client.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { EyeIcon } from './EyeIcon.tsx';
import type { StepFrame } from './IdentityStep.tsx';
import { isAcceptable, strengthOf } from './passphrase-strength.ts';

interface PassphraseStepProps {
  frame: StepFrame;
  passphrase: string;
  onChange: (passphrase: string) => void;
  onChosen: () => void;
}

/** What opens the wallet: judged by how many guesses it would take. */
export function PassphraseStep({ frame, passphrase, onChange, onChosen }: PassphraseStepProps) {
  const t = useT();
  const strength = useMemo(() => strengthOf(passphrase), [passphrase]);
  return (
    <form
      noValidate
      className="screen-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isAcceptable(strength)) onChosen();
      }}
    >
      <Screen
        {...frame}
        back="/join?step=id"
        title={t('join.passphraseTitle')}
        lead={t('join.passphraseHint')}
        footer={
          <Button type="submit" disabled={!isAcceptable(strength)}>
            {t('join.usePassphrase')}
          </Button>
        }
      >
        <PasswordInput
          id="join-passphrase"
          label={t('join.passphrase')}
          autoComplete="new-password"
          autoFocus
          maxLength={200}
          value={passphrase}
          onChange={(event) => onChange(event.currentTarget.value)}
          visibilityToggleIcon={EyeIcon}
          visibilityToggleButtonProps={{ 'aria-label': t('join.showPassphrase'), tabIndex: 0 }}
          aria-describedby="join-strength"
        />
        <div id="join-strength" className="strength" data-strength={strength} role="status">
          <div className="strength-bar" aria-hidden="true">
            <span />
            <span />
            <span />
            <span />
          </div>
          <p className="strength-text">
            <span className="hidden-visually">{t('join.strength.label')}: </span>
            {t(`join.strength.${strength}`)}
          </p>
        </div>
        <Notice icon="lock" title={t('join.passphraseText')} />
      </Screen>
    </form>
  );
}
