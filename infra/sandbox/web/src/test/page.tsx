import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { type Language, WordsProvider } from "../words";

/** Renders a part of the page with everything that the page puts around it. */
export function renderPart(part: ReactNode, language: Language = "en") {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={client}>
      <WordsProvider language={language}>
        <FluentProvider theme={teamsLightTheme}>{part}</FluentProvider>
      </WordsProvider>
    </QueryClientProvider>,
  );
}
