import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { LanguageProvider, loadTexts } from '../i18n/client.ts';
import type { Texts } from '../i18n/texts.ts';
import { queryClient, refusalOf } from '../state/api.ts';
import { startLive } from '../state/live.ts';
import { meQuery } from '../state/queries.ts';
import { followServer, wantedPlace, watchIdle } from '../state/session.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { findRoute, navigate, Outlet, usePlace } from '../ui/router.tsx';
import { Toasts } from '../ui/Toasts.tsx';
import { Arrivals } from './Arrivals.tsx';
import { CrashGuard } from './CrashGuard.tsx';
import { Frame } from './Frame.tsx';
import { MeProvider } from './me.tsx';
import { memberRoutes, publicRoutes } from './routes.ts';
import { LoadFailed, ScreenSkeleton } from './Waiting.tsx';
import { UnlockSheet } from './UnlockSheet.tsx';

/** The whole client: texts, then who is logged in, then the screen of the present place. */
export function App({ initialTexts }: { initialTexts: Texts }) {
  const { language } = useStore(settings);
  const [spoken, setSpoken] = useState({ language, texts: initialTexts });
  useEffect(() => {
    if (spoken.language !== language) void loadTexts(language).then((texts) => setSpoken({ language, texts }));
  }, [language, spoken.language]);
  return (
    <LanguageProvider language={spoken.language} texts={spoken.texts}>
      <CrashGuard>
        <Toasts />
        <Session />
      </CrashGuard>
    </LanguageProvider>
  );
}

function Session() {
  const { data: me, error, isPending, refetch } = useQuery(meQuery);
  const isLoggedOut = refusalOf(error) === 'not-logged-in';
  useEffect(() => {
    if (me !== undefined && !isLoggedOut) followServer(me);
  }, [me, isLoggedOut]);

  if (isLoggedOut) return <PublicScreens />;
  if (me !== undefined)
    return (
      <MeProvider me={me}>
        <MemberScreens />
      </MeProvider>
    );
  if (isPending) return <ScreenSkeleton />;
  return <LoadFailed onRetry={() => void refetch()} />;
}

function PublicScreens() {
  const { path, search } = usePlace();
  const match = findRoute(publicRoutes, path);
  useEffect(() => {
    if (match !== null) return;
    if (findRoute(memberRoutes, path) !== null) wantedPlace.set(search.size > 0 ? `${path}?${search}` : path);
    navigate('/', { isReplacing: true });
  }, [match, path, search]);
  if (match === null) return <ScreenSkeleton />;
  return (
    <main className="public">
      <Outlet match={match} path={path} waiting={<ScreenSkeleton />} />
    </main>
  );
}

function MemberScreens() {
  const { path } = usePlace();
  const match = findRoute(memberRoutes, path);
  const isUnknown = match === null;
  useEffect(() => startLive(queryClient), []);
  useEffect(() => watchIdle(), []);
  useEffect(() => {
    if (isUnknown) navigate('/', { isReplacing: true });
  }, [isUnknown]);
  return (
    <>
      <Frame path={path} frame={match?.route.data.frame ?? 'tabs'}>
        {match === null ? <ScreenSkeleton /> : <Outlet match={match} path={path} waiting={<ScreenSkeleton />} />}
      </Frame>
      <Arrivals path={path} />
      <UnlockSheet />
    </>
  );
}
