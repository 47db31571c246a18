import { PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api, queryClient, refusalOf } from '../../state/api.ts';
import { meQuery } from '../../state/queries.ts';
import { secretBytes } from '../../state/secrets.ts';
import { isLocked } from '../../state/session.ts';
import { Button } from '../../ui/Button.tsx';
import { Emblem } from '../../ui/Person.tsx';
import { FormTheme } from '../form-theme.tsx';
import { logOut } from '../log-out.ts';
import { Problem } from '../Problem.tsx';
import { EyeIcon } from './EyeIcon.tsx';

/** The passphrase again, after ten idle minutes. */
export default function Unlock() {
  const t = useT();
  const [passphrase, setPassphrase] = useState('');
  const unlock = useMutation({
    mutationFn: async () => {
      const secret = secretBytes(passphrase);
      try {
        return await api.call('unlock', { body: {}, secrets: { passphrase: secret } });
      } finally {
        secret.fill(0);
      }
    },
    onSuccess: (me) => {
      queryClient.setQueryData(meQuery.queryKey, me);
      isLocked.set(false);
      void queryClient.invalidateQueries();
    },
    onError: (error) => {
      if (refusalOf(error) !== 'not-logged-in') return;
      isLocked.set(false);
      void queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
    },
    onSettled: () => setPassphrase(''),
  });
  return (
    <FormTheme>
      <form
        className="stack unlock"
        onSubmit={(event) => {
          event.preventDefault();
          if (passphrase !== '') unlock.mutate();
        }}
      >
        <Emblem icon="lock" tone="brand" />
        <p className="sheet-title">{t('login.unlockTitle')}</p>
        <p className="muted">{t('login.unlockText')}</p>
        <PasswordInput
          id="unlock-passphrase"
          label={t('login.passphrase')}
          autoComplete="current-password"
          autoFocus
          maxLength={200}
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
          visibilityToggleIcon={EyeIcon}
          visibilityToggleButtonProps={{ 'aria-label': t('join.showPassphrase'), tabIndex: 0 }}
        />
        <Problem error={unlock.error} />
        <Button type="submit" disabled={passphrase === ''} busy={unlock.isPending && t('login.unlocking')}>
          {t('login.unlock')}
        </Button>
        <button type="button" className="text-link login-other" onClick={() => void logOut()}>
          {t('login.otherMember')}
        </button>
      </form>
    </FormTheme>
  );
}
