import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, toApiError } from "../../api/error";
import type { Preview, Problem } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { useSession } from "../../ui/Session";
import { contentOf, inputOf } from "./fields";
import { useDebounced, useDraft } from "./useDraft";

interface Previewed {
  /** The last one that could be made: what stands there does not vanish because of one that could not. */
  shown: Preview | null;
  /** What is wrong with the message, or missing from it, as it is now; null while Herald is being asked. */
  problems: Problem[] | null;
  error: ApiError | null;
}

/** What Herald makes of the message, asked anew after each pause in the writing; `as` is a recipient's address. */
export function usePreview(as: string): Previewed {
  const { locale } = useLanguage();
  const { api } = useSession();
  const { fields } = useDraft();
  // A content belongs to its format: with another one's it would be refused for a moment.
  const now = JSON.stringify({ format: fields.format, content: contentOf(fields) });
  const content = useDebounced(now, 400);
  const view = as ? { as } : { locale };
  // The lists have values; without one, what is typed is enough.
  const personal = !fields.all && fields.unanswered === null && fields.listIds.length > 0;
  const audience = personal ? { audience: inputOf(fields).audience } : {};
  const timed = fields.when === "window";
  const preview = useQuery({
    queryKey: ["preview", content, view, audience, timed],
    queryFn: ({ signal }) => api.preview({ ...JSON.parse(content), ...audience, timed, ...view }, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const [good, setGood] = useState<Preview | null>(null);
  if (preview.data && preview.data !== good) setGood(preview.data);
  const error = preview.error ? toApiError(preview.error) : null;
  const waiting = content !== now || preview.isPlaceholderData || preview.isPending;
  return {
    shown: preview.data ?? good,
    problems: waiting ? null : error ? error.problems : (preview.data?.problems ?? []),
    error,
  };
}
