import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { windowDefaults, windowPreview } from "../../../api/timing";
import type { Problem, SendWindow } from "../../../api/types";
import { useSession } from "../../../ui/Session";
import { normalWindow } from "../../../words/window";
import { inputOf } from "../fields";
import { useDebounced, useDraft } from "../useDraft";

/** What a new window begins with, and what may be chosen. */
export function useWindowDefaults() {
  const { api } = useSession();
  return useQuery({
    queryKey: ["window-defaults"],
    queryFn: ({ signal }) => windowDefaults(api, signal),
    staleTime: 60_000,
  });
}

/** The window that counts, and how to change it; null while something else is chosen, or until there is one. */
export function useWindow(): [SendWindow | null, (change: Partial<SendWindow>) => void] {
  const { fields, draft } = useDraft();
  const window = fields.when === "window" ? fields.window : null;
  return [
    window,
    (change) => {
      if (window) draft.edit({ window: normalWindow({ ...window, ...change }) });
    },
  ];
}

/** What the window comes to with the audience, asked again a moment after either changed. */
export function useWindowPreview() {
  const { api } = useSession();
  const { fields } = useDraft();
  const [window] = useWindow();
  const current = window ? JSON.stringify([window, inputOf(fields).audience]) : null;
  const asked = useDebounced(current, 300);
  const preview = useQuery({
    queryKey: ["window", asked],
    queryFn: ({ signal }) => {
      const [window, audience] = JSON.parse(asked ?? "[]");
      return windowPreview(api, window, audience, signal);
    },
    enabled: asked !== null && current !== null,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    // As time goes by, a first day becomes a past one.
    refetchInterval: 60_000,
  });
  return {
    preview: current === null ? undefined : preview.data,
    /** It belongs to an earlier window or audience, or there is none yet. */
    waiting: current !== null && (current !== asked || preview.isPlaceholderData || preview.isPending),
    error: preview.isError && !preview.data ? preview.error : null,
    retry: () => void preview.refetch(),
  };
}

/** What is wrong with the window: what Herald refused to keep, and what it says of the one that stands there. */
export function useWindowProblems(): Problem[] {
  const { fields, campaign, refused } = useDraft();
  const { preview } = useWindowPreview();
  if (fields.when !== "window") return [];
  if (fields.window === null) return [{ field: "/timing/window", code: "window_missing", message: "" }];
  const said = preview?.problems ?? campaign.problems ?? [];
  const found = [...refused, ...said].filter(({ field }) => field.startsWith("/timing/window"));
  return found.filter(
    (each, index) => found.findIndex(({ field, code }) => field === each.field && code === each.code) === index,
  );
}
