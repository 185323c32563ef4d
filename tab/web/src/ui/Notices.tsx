import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";

export interface Notice {
  id: number;
  intent: "success" | "error" | "info";
  text: string;
  action?: NoticeAction | undefined;
}

/** What can be done about it, while the notice is there. */
export interface NoticeAction {
  label: string;
  run: () => void;
}

type Notify = (intent: Notice["intent"], text: string, action?: NoticeAction) => void;

const Context = createContext<Notify>(() => undefined);
const Toasts = lazy(() => import("./Toasts"));

/** Short notices at the bottom, read aloud by screen readers. What draws them is loaded with the first one. */
export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const notify = useCallback<Notify>((intent, text, action) => {
    setNotices((before) => [...before.slice(-9), { id: (before.at(-1)?.id ?? 0) + 1, intent, text, action }]);
  }, []);
  return (
    <Context value={notify}>
      {children}
      {notices.length > 0 && (
        <Suspense fallback={null}>
          <Toasts notices={notices} />
        </Suspense>
      )}
    </Context>
  );
}

export function useNotify(): Notify {
  return useContext(Context);
}
