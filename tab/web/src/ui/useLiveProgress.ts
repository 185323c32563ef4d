import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Progress } from "../api/types";
import { useSession } from "./Session";

/** A campaign's progress as Herald reports it, live while `enabled`; what depends on it is loaded again when it ends. */
export function useLiveProgress(id: string, enabled: boolean): Progress | undefined {
  const { api } = useSession();
  const client = useQueryClient();
  const followed = useRef(false);
  useEffect(() => {
    const reload = () => {
      void client.invalidateQueries({ queryKey: ["report", id] });
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      void client.invalidateQueries({ queryKey: ["recipients", id] });
      void client.invalidateQueries({ queryKey: ["timeline", id] });
      void client.invalidateQueries({ queryKey: ["hours", id] });
    };
    if (!enabled) {
      // That it is over may be known before it is told here.
      if (followed.current) reload();
      followed.current = false;
      return;
    }
    followed.current = true;
    const controller = new AbortController();
    void api.follow(
      id,
      {
        onReconnect: reload,
        // The page's own looks go on, and must not be hidden behind it.
        onLost: () => void client.resetQueries({ queryKey: ["progress", id] }),
        onEvent: (event) => {
          if (event.event !== "progress") return;
          const progress = parseProgress(event.data);
          if (progress?.campaign !== id) return;
          client.setQueryData(["progress", id], progress);
          if (progress.status !== "sending") reload();
        },
      },
      controller.signal,
    );
    return () => {
      controller.abort();
      client.removeQueries({ queryKey: ["progress", id] });
    };
  }, [api, client, enabled, id]);
  return useQuery<Progress>({ queryKey: ["progress", id], queryFn: skipToken, staleTime: Number.POSITIVE_INFINITY })
    .data;
}

export function parseProgress(data: string): Progress | null {
  try {
    const value: unknown = JSON.parse(data);
    const known = typeof value === "object" && value !== null && "campaign" in value && "counts" in value;
    return known ? (value as Progress) : null;
  } catch {
    return null;
  }
}
