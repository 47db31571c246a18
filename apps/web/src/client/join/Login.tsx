import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { api, queryClient } from '../../state/api.ts';
import { meQuery } from '../../state/queries.ts';
import { secretBytes } from '../../state/secrets.ts';
import { isLocked, takeWantedPlace } from '../../state/session.ts';
import { Button } from '../../ui/Button.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { FormTheme } from '../form-theme.tsx';
import { Problem } from '../Problem.tsx';
import { EyeIcon } from './EyeIcon.tsx';

/** Log in with ID and passphrase. */
export default function Login() {
  const t = useT();
  const [memberId, setMemberId] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [isTried, setTried] = useState(false);
  const login = useMutation({
    mutationFn: async () => {
      const secret = secretBytes(passphrase);
      try {
        return await api.call('login', {
          body: { memberId: memberId.trim().toLowerCase() },
          secrets: { passphrase: secret },
        });
      } finally {
        secret.fill(0);
      }
    },
    onSuccess: (me) => {
      isLocked.set(false);
      navigate(takeWantedPlace(), { isReplacing: true });
      queryClient.setQueryData(meQuery.queryKey, me);
    },
    onSettled: () => setPassphrase(''),
  });
  const isMissing = memberId.trim() === '' || passphrase === '';
  return (
    <FormTheme>
      <form
        noValidate
        className="screen-form"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!isMissing) login.mutate();
        }}
      >
        <Screen
          title={t('login.title')}
          lead={t('login.text')}
          footer={
            <>
              <Button type="submit" busy={login.isPending && t('login.submitting')}>
                {t('login.submit')}
              </Button>
              <Link to="/join" className="text-link login-other">
                {t('login.toJoin')}
              </Link>
            </>
          }
        >
          <TextInput
            id="login-id"
            label={t('login.memberId')}
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            autoFocus
            maxLength={20}
            value={memberId}
            onChange={(event) => setMemberId(event.currentTarget.value)}
          />
          <PasswordInput
            id="login-passphrase"
            label={t('login.passphrase')}
            autoComplete="current-password"
            maxLength={200}
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            visibilityToggleIcon={EyeIcon}
            visibilityToggleButtonProps={{ 'aria-label': t('join.showPassphrase'), tabIndex: 0 }}
            error={isTried && isMissing && !login.isPending && login.isIdle ? t('login.missing') : null}
          />
          <Problem error={login.error} />
        </Screen>
      </form>
    </FormTheme>
  );
}
