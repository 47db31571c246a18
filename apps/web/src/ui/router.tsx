/** Moves between screens by the History API: paths with parameters, screens loaded when they are first needed. */
import {
  lazy,
  startTransition,
  Suspense,
  useEffect,
  useRef,
  useState,
  type AnchorHTMLAttributes,
  type ComponentType,
  type ReactNode,
} from 'react';

export type Params = Readonly<Record<string, string>>;
type ScreenComponent = ComponentType<{ params: Params }>;

/** A path such as `/send/:transferId` and what draws it. `data` is what the frame around it wants to know. */
export interface Route<D> {
  readonly path: string;
  readonly load: () => Promise<{ default: ScreenComponent }>;
  readonly data: D;
}

export interface Place {
  readonly path: string;
  readonly search: URLSearchParams;
}

const MOVED = 'jigeum:moved';

const placeNow = (): Place => ({ path: location.pathname, search: new URLSearchParams(location.search) });

/** How many screens of ours lie behind the present one. */
const depthNow = (): number => {
  const depth: unknown = (history.state as { depth?: unknown } | null)?.depth;
  return typeof depth === 'number' ? depth : 0;
};

/** Opens a path of ours. `isReplacing` leaves no step behind for the back button. */
export function navigate(to: string, options: { isReplacing?: boolean } = {}): void {
  if (options.isReplacing === true) history.replaceState({ depth: depthNow() }, '', to);
  else history.pushState({ depth: depthNow() + 1 }, '', to);
  window.dispatchEvent(new Event(MOVED));
}

/** One screen back; to `fallback` when the person came straight here. */
export function goBack(fallback: string): void {
  if (depthNow() > 0) history.back();
  else navigate(fallback, { isReplacing: true });
}

/** The present place, watched. The screen on show stays until the next one has arrived. */
export function usePlace(): Place {
  const [place, setPlace] = useState(placeNow);
  useEffect(() => {
    const move = (): void => startTransition(() => setPlace(placeNow()));
    window.addEventListener('popstate', move);
    window.addEventListener(MOVED, move);
    return () => {
      window.removeEventListener('popstate', move);
      window.removeEventListener(MOVED, move);
    };
  }, []);
  return place;
}

/** Values of a pattern's parameters in a path, or null when it does not match. */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        // A broken percent sign is no path of ours.
        return null;
      }
    } else if (part !== value) return null;
  }
  return params;
}

export interface Match<D> {
  readonly route: Route<D>;
  readonly params: Params;
}

/** The first route that matches. */
export function findRoute<D>(routes: readonly Route<D>[], path: string): Match<D> | null {
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params !== null) return { route, params };
  }
  return null;
}

const screens = new WeakMap<object, ScreenComponent>();

function screenOf<D>(route: Route<D>): ScreenComponent {
  let screen = screens.get(route);
  if (screen === undefined) {
    screen = lazy(route.load);
    screens.set(route, screen);
  }
  return screen;
}

/** Loads a screen's code before it is drawn, which is then done at once. */
export async function loadScreen<D>(route: Route<D>): Promise<void> {
  screens.set(route, (await route.load()).default);
}

/**
 * Whether the first screen's code is there. `lazy` would show what stands for it and then, the code being there, keep that for
 * 300 ms more: React reveals nothing sooner after it has shown something instead.
 */
function useFirstScreen<D>(route: Route<D>): boolean {
  const [first] = useState(route);
  const [isLoaded, setLoaded] = useState(screens.has(first));
  useEffect(() => {
    if (isLoaded) return;
    const draw = (): void => setLoaded(true);
    // Code that does not come is asked for once more when it is drawn, and reported by who guards against crashes.
    loadScreen(first).then(draw, draw);
  }, [first, isLoaded]);
  return isLoaded;
}

/** Draws the matched screen; moves focus to its title, so that a screen reader says where one is. */
export function Outlet<D>({ match, path, waiting }: { match: Match<D>; path: string; waiting: ReactNode }) {
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [path]);
  const isLoaded = useFirstScreen(match.route);
  if (!isLoaded) return waiting;
  const Screen = screenOf(match.route);
  return (
    <Suspense fallback={waiting}>
      <Screen key={match.route.path} params={match.params} />
    </Suspense>
  );
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
  isReplacing?: boolean;
}

/** An ordinary link that stays inside the app; a click with a modifier key opens a tab as always. */
export function Link({ to, isReplacing, onClick, children, ...rest }: LinkProps) {
  return (
    <a
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        navigate(to, { isReplacing: isReplacing === true });
      }}
      {...rest}
    >
      {children}
    </a>
  );
}
