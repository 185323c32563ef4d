import { Title2 } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { pageTitle } from "./PageTitle";
import { type Place, Places } from "./Places";
import { usePageStyles } from "./pageStyles";

interface Props {
  here: Place;
  title: string;
  /** Where the page is a part of a larger one: the name of that. */
  heading?: string;
  /** At the right of the title: what there is to do. */
  actions?: ReactNode;
  children: ReactNode;
}

/** What the first pages share: the way between them, and the title with what there is to do. */
export function PlacePage({ here, title, heading = title, actions, children }: Props) {
  const frame = usePageStyles();
  return (
    <>
      <Places here={here} />
      <main className={frame.page} aria-labelledby={pageTitle}>
        <title>{title}</title>
        <header className={frame.head}>
          <Title2 as="h1" id={pageTitle}>
            {heading}
          </Title2>
          {actions}
        </header>
        {children}
      </main>
    </>
  );
}
