import {
  type AnchorHTMLAttributes,
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from "react";

/**
 * The addresses of the page. A handful of routes do not need a routing library, whose weight would be an eighth of the
 * first load. Paths are below `base`; the browser's history is the only state.
 */

const base = "/tab";

interface Place {
  path: string;
  search: string;
}

type Guard = (to: Place) => boolean;

const listeners = new Set<() => void>();
let guard: { asks: Guard; blocked: (proceed: () => void) => void } | null = null;
let current = here();
/** Where in the history we are, so that a refused "back" can be undone. */
let index = stateIndex();
/** The next move of the browser has been agreed to. */
let passing = false;

function here(): Place {
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : location.pathname;
  return { path: path.replace(/\/+$/, "") || "/", search: location.search };
}

function stateIndex(): number {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "index" in state ? Number(state.index) : 0;
}

function moved(): void {
  current = here();
  index = stateIndex();
  for (const each of listeners) each();
}

function go(url: string, replace: boolean): void {
  const address = base + (url === "/" ? "/" : url);
  if (replace) history.replaceState({ index }, "", address);
  else history.pushState({ index: index + 1 }, "", address);
  moved();
}

function place(url: string): Place {
  const [path = "/", search = ""] = url.split("?");
  return { path, search: search ? `?${search}` : "" };
}

export function navigate(url: string, { replace = false }: { replace?: boolean } = {}): void {
  const proceed = () => {
    go(url, replace);
  };
  if (guard?.asks(place(url))) guard.blocked(proceed);
  else proceed();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("popstate", popped);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("popstate", popped);
  };
}

/** The browser went back or forth by itself. When somebody objects, go back there first, and ask. */
function popped(): void {
  const steps = stateIndex() - index;
  if (!passing && steps !== 0 && guard?.asks(here())) {
    const { blocked } = guard;
    history.go(-steps);
    blocked(() => {
      passing = true;
      history.go(steps);
    });
    return;
  }
  if (steps !== 0) passing = false;
  moved();
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, () => current);
}

/**
 * Lets a page object to being left. `asks` is called at every step; when it says true, `blocked` gets the way on.
 */
export function useGuard(asks: Guard, blocked: (proceed: () => void) => void): void {
  useEffect(() => {
    const mine = { asks, blocked };
    guard = mine;
    return () => {
      if (guard === mine) guard = null;
    };
  }, [asks, blocked]);
}

export function useSearch(): [
  URLSearchParams,
  (next: Record<string, string>, options?: { replace?: boolean }) => void,
] {
  const { path, search } = usePlace();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  return [
    parameters,
    (next, options) => {
      const text = new URLSearchParams(next).toString();
      navigate(text ? `${path}?${text}` : path, options);
    },
  ];
}

export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a
      {...rest}
      href={base + to}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {rest.children}
    </a>
  );
}

export function Redirect({ to }: { to: string }) {
  useEffect(() => {
    navigate(to, { replace: true });
  }, [to]);
  return null;
}

const Parameters = createContext<Record<string, string>>({});

export function useParameters(): Record<string, string> {
  return useContext(Parameters);
}

export interface Route {
  /** Like "/campaigns/:id". */
  path: string;
  /** Routes of one name are one page, which stays as it is when the address changes between them. */
  name: string;
  element: ReactNode;
}

/** The parameters of a path that fits the pattern, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    if (part.startsWith(":") && value !== "") found[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return found;
}

export function Routes({ routes, otherwise }: { routes: Route[]; otherwise: ReactNode }) {
  const { path } = usePlace();
  for (const route of routes) {
    const parameters = match(route.path, path);
    if (parameters) {
      return (
        <Parameters key={route.name} value={parameters}>
          {route.element}
        </Parameters>
      );
    }
  }
  return otherwise;
}
