import { TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { PayeeView } from '@jigeum/api';
import { useT } from '../../i18n/client.ts';
import { api } from '../../state/api.ts';
import { recentPayeesQuery } from '../../state/queries.ts';
import { useStore } from '../../state/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Notice, Skeleton } from '../../ui/Notice.tsx';
import { Avatar, NameBadge } from '../../ui/Person.tsx';
import { navigate, usePlace } from '../../ui/router.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { FormTheme } from '../form-theme.tsx';
import { RowSkeletons } from '../home/RecentList.tsx';
import { digitsOf } from '../join/phone.ts';
import { Problem } from '../Problem.tsx';
import { readReceiveLink, type ReceiveLink } from './receive-link.ts';
import { SendSummary } from './SendSummary.tsx';
import { changeDraft, choosePayee, sendDraft } from './send-draft.ts';
import { useResume } from './use-resume.ts';
import './Send.css';

const QrScanner = lazy(() => import('./QrScanner.tsx'));

type Search = { by: 'member-id' | 'phone' | 'receive-code'; value: string; won?: bigint | null };

/** Who gets the money: somebody paid before, an ID, a phone number, or a QR. */
export default function ChoosePayee() {
  const t = useT();
  const { search: query } = usePlace();
  const draft = useStore(sendDraft);
  const recent = useQuery(recentPayeesQuery);
  const [isScanning, setScanning] = useState(false);
  const [isMissing, setMissing] = useState(false);
  useResume();

  const resolve = useMutation({
    mutationFn: ({ by, value }: Search) => api.call('resolvePayee', { body: { by, value } }),
    onSuccess: (payee, { won }) => {
      choosePayee(payee, won ?? null);
      navigate('/send/payee', { isReplacing: query.has('to') });
    },
  });

  const follow = useEffectEvent((link: ReceiveLink) =>
    resolve.mutate({ by: 'receive-code', value: link.receiveCode, won: link.won }),
  );
  const link = readReceiveLink(`${location.pathname}?${query}`, location.origin);
  const linkKey = link === null ? null : `${link.receiveCode}:${link.won}`;
  const followed = useRef<string | null>(null);
  useEffect(() => {
    if (link === null || followed.current === linkKey) return;
    followed.current = linkKey;
    follow(link);
  }, [link, linkKey]);

  const find = (): void => {
    const text = draft.search.trim();
    setMissing(text === '');
    if (text === '') return;
    const digits = digitsOf(text);
    resolve.mutate(/^010[0-9\s-]+$/.test(text) ? { by: 'phone', value: digits } : { by: 'member-id', value: text });
  };

  return (
    <FormTheme>
      <form
        noValidate
        className="screen-form"
        onSubmit={(event) => {
          event.preventDefault();
          find();
        }}
      >
        <Screen
          title={t('send.payeeTitle')}
          companion={<SendSummary draft={draft} />}
          footer={
            <Button type="submit" busy={resolve.isPending && t('send.finding')}>
              {t('send.find')}
            </Button>
          }
        >
          <div className="send-search">
            <TextInput
              id="send-search"
              label={t('send.search')}
              placeholder={t('send.searchPlaceholder')}
              autoCapitalize="none"
              autoCorrect="off"
              autoComplete="off"
              spellCheck={false}
              maxLength={20}
              value={draft.search}
              onChange={(event) => changeDraft({ search: event.currentTarget.value })}
              error={isMissing && draft.search.trim() === '' && t('send.searchMissing')}
            />
            <button type="button" className="pill-button send-scan" data-brand="true" onClick={() => setScanning(true)}>
              <Icon name="qr" size={20} />
              {t('send.scan')}
            </button>
          </div>
          <Problem error={resolve.error} />
          <section>
            <h2 className="section-title">{t('send.recent')}</h2>
            {recent.isPending ? (
              <RowSkeletons count={3} />
            ) : recent.data === undefined || recent.data.items.length === 0 ? (
              <Notice icon="person" title={t('send.noRecent')} />
            ) : (
              <RecentPeople
                people={recent.data.items}
                onChoose={(payee) => {
                  choosePayee(payee, null);
                  navigate('/send/payee');
                }}
              />
            )}
          </section>
        </Screen>
      </form>
      <Sheet isOpen={isScanning} onClose={() => setScanning(false)} label={t('send.scan')}>
        <Suspense fallback={<Skeleton height="20rem" />}>
          <QrScanner
            onFound={(found) => {
              setScanning(false);
              resolve.mutate({ by: 'receive-code', value: found.receiveCode, won: found.won });
            }}
          />
        </Suspense>
      </Sheet>
    </FormTheme>
  );
}

function RecentPeople({ people, onChoose }: { people: readonly PayeeView[]; onChoose: (payee: PayeeView) => void }) {
  return (
    <ul>
      {people.map((payee) => (
        <li key={payee.payeeId}>
          <button type="button" className="person-row" onClick={() => onChoose(payee)}>
            <Avatar person={payee} />
            <span className="person-row-main">
              <span className="person-row-name">{payee.maskedName}</span>
              <span className="person-row-sub">{payee.memberId}</span>
            </span>
            <NameBadge person={payee} />
          </button>
        </li>
      ))}
    </ul>
  );
}
