import { carriers, type CheckView } from '@jigeum/api';
import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useT } from '../../i18n/client.ts';
import { api } from '../../state/api.ts';
import { useRequestKey } from '../../state/request-key.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Problem } from '../Problem.tsx';
import { digitsOf, phoneText } from './phone.ts';

export interface IdentityForm {
  readonly name: string;
  readonly carrier: (typeof carriers)[number];
  readonly phone: string;
  readonly birthDate: string;
  readonly sexDigit: string;
  readonly hasConsented: boolean;
}

export const emptyIdentity: IdentityForm = {
  name: '',
  carrier: 'SKT',
  phone: '',
  birthDate: '',
  sexDigit: '',
  hasConsented: false,
};

export interface StepFrame {
  companion: ReactNode;
  aside: ReactNode;
}

interface IdentityStepProps {
  frame: StepFrame;
  form: IdentityForm;
  onChange: (form: IdentityForm) => void;
  onSent: (check: CheckView) => void;
}

/** Who is joining: passed to the agency, not kept. */
export function IdentityStep({ frame, form, onChange, onSent }: IdentityStepProps) {
  const t = useT();
  const [isTried, setTried] = useState(false);
  const requestKey = useRequestKey(JSON.stringify(form));
  const start = useMutation({
    mutationFn: () =>
      api.call('startCheck', {
        idempotencyKey: requestKey.take(),
        body: { ...form, name: form.name.trim(), hasConsented: true },
      }),
    onSuccess: onSent,
    onSettled: (_check, error) => requestKey.settle(error ?? undefined),
  });
  const wrong = wrongFields(form);
  const shown = (field: keyof typeof wrong): boolean => isTried && wrong[field];
  const change = (part: Partial<IdentityForm>): void => onChange({ ...form, ...part });

  return (
    <form
      noValidate
      className="screen-form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!Object.values(wrong).some(Boolean)) start.mutate();
        else event.currentTarget.querySelector<HTMLElement>('[data-wrong="true"] input')?.focus();
      }}
    >
      <Screen
        {...frame}
        title={t('join.identityTitle')}
        lead={t('join.identityText')}
        footer={
          <Button type="submit" busy={start.isPending && t('join.sendingCode')}>
            {t('join.sendCode')}
          </Button>
        }
      >
        <div data-wrong={wrong.name}>
          <TextInput
            id="join-name"
            label={t('join.name')}
            placeholder={t('join.namePlaceholder')}
            autoComplete="name"
            maxLength={40}
            value={form.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={shown('name') && t('join.nameInvalid')}
          />
        </div>
        <NativeSelect
          id="join-carrier"
          label={t('join.carrier')}
          value={form.carrier}
          onChange={(event) => change({ carrier: event.currentTarget.value as IdentityForm['carrier'] })}
          data={carriers.map((carrier) => ({ value: carrier, label: t(`join.carriers.${carrier}`) }))}
        />
        <div data-wrong={wrong.phone}>
          <TextInput
            id="join-phone"
            label={t('join.phone')}
            placeholder={t('join.phonePlaceholder')}
            type="tel"
            inputMode="numeric"
            autoComplete="tel-national"
            value={phoneText(form.phone)}
            onChange={(event) => change({ phone: digitsOf(event.currentTarget.value).slice(0, 11) })}
            error={shown('phone') && t('join.phoneInvalid')}
          />
        </div>
        <fieldset className="join-fieldset" data-wrong={wrong.birth}>
          <legend className="field-label">{t('join.birth')}</legend>
          <div className="join-birth">
            <TextInput
              id="join-birth"
              aria-label={t('join.birthDate')}
              placeholder="900101"
              inputMode="numeric"
              autoComplete="off"
              value={form.birthDate}
              aria-invalid={shown('birth') || undefined}
              onChange={(event) => {
                const birthDate = digitsOf(event.currentTarget.value).slice(0, 6);
                change({ birthDate });
                if (birthDate.length === 6) document.getElementById('join-sex')?.focus();
              }}
            />
            <span aria-hidden="true">–</span>
            <TextInput
              id="join-sex"
              aria-label={t('join.sexDigit')}
              type="password"
              inputMode="numeric"
              autoComplete="off"
              maxLength={1}
              value={form.sexDigit}
              aria-invalid={shown('birth') || undefined}
              onChange={(event) => change({ sexDigit: digitsOf(event.currentTarget.value).slice(0, 1) })}
            />
            <span className="join-birth-hidden" aria-hidden="true">
              ●●●●●●
            </span>
          </div>
          {shown('birth') && <p className="field-error">{t('join.birthInvalid')}</p>}
        </fieldset>
        <div className="stack-8" data-wrong={wrong.consent}>
          <Checkbox
            id="join-consent"
            label={t('join.consent')}
            checked={form.hasConsented}
            onChange={(event) => change({ hasConsented: event.currentTarget.checked })}
            error={shown('consent') && t('join.consentMissing')}
          />
          <details className="join-details">
            <summary>
              {t('join.consentDetail')}
              <Icon name="down" size={18} />
            </summary>
            <ul>
              {[t('join.consentName'), t('join.consentBirth'), t('join.consentPhone')].map((line) => (
                <li key={line}>
                  <Icon name="check" size={16} />
                  {line}
                </li>
              ))}
            </ul>
          </details>
        </div>
        <Problem error={start.error} />
      </Screen>
    </form>
  );
}

const wrongFields = (form: IdentityForm) => ({
  name: form.name.trim().length < 2,
  phone: !/^010[0-9]{8}$/.test(form.phone),
  birth: !/^[0-9]{6}$/.test(form.birthDate) || !/^[1-8]$/.test(form.sexDigit),
  consent: !form.hasConsented,
});
