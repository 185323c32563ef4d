import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { chatFeed } from "./ChatFeed";
import { cloud } from "./cloud";
import { useLiveRefresh } from "./live";
import type { Person, Role } from "./types";

/** How many of the tenant's first people are looked at for a role: the sandbox gives roles to the first ones. */
const ROLE_SEARCH = 50;

export type Persona = Role | "Nobody";
export const personas: readonly Persona[] = ["Author", "Publisher", "Analyst", "Admin", "Nobody"];

export function personFor(persona: Persona, people: Person[]): Person | undefined {
  return persona === "Nobody"
    ? people.find((one) => one.roles.length === 0)
    : people.find((one) => one.roles.includes(persona));
}

export const useBot = () => useQuery({ queryKey: ["bot"], queryFn: cloud.bot });
export const useEnvironment = () => useQuery({ queryKey: ["environment"], queryFn: cloud.environment });

/** The first people of the tenant: the personas, and whether anybody has Herald. */
export const useFirstPeople = () =>
  useQuery({
    queryKey: ["people", "first"],
    queryFn: ({ signal }) => cloud.people("", ROLE_SEARCH, undefined, signal),
  });

/** People whose name or address matches, searched at the server: the tenant may hold a million. */
export const usePeople = (q: string, enabled: boolean) =>
  useQuery({
    queryKey: ["people", "search", q],
    queryFn: ({ signal }) => cloud.people(q, 20, undefined, signal),
    enabled,
    placeholderData: (previous) => previous,
  });

/** One person as the sandbox sees them now, found by their unique address. */
export const usePerson = (upn: string) =>
  useQuery({
    queryKey: ["people", "one", upn],
    queryFn: async ({ signal }): Promise<Person | null> => {
      const page = await cloud.people(upn, 20, undefined, signal);
      return page.items.find((one) => one.upn === upn) ?? null;
    },
    enabled: upn !== "",
  });

export function useChat(id: string) {
  const client = useQueryClient();
  const onChange = useEffectEvent(() => client.invalidateQueries({ queryKey: ["chat", id] }));
  useEffect(() => (id === "" ? undefined : chatFeed.follow(id, () => onChange())), [id]);
  return useQuery({ queryKey: ["chat", id], queryFn: () => cloud.chat(id), enabled: id !== "" });
}

/** Keeps every question about people fresh while the page is open. Returns whether the sandbox is connected. */
export function useLivePeople(): boolean {
  const client = useQueryClient();
  return useLiveRefresh("/api/state/events", "users", () =>
    client.invalidateQueries({ queryKey: ["people"] }),
  );
}
