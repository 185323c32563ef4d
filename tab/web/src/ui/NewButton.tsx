import { Button } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { usePageStyles } from "./pageStyles";
import { Why } from "./Why";

interface Props {
  /** Why no new one may be made; null: it may. */
  why: string | null;
  onClick: () => void;
  children: string;
}

/** Begins a new one of what a page shows. */
export function NewButton({ why, onClick, children }: Props) {
  const frame = usePageStyles();
  return (
    <Why reason={why}>
      <Button
        className={frame.action}
        appearance="primary"
        icon={<AddRegular />}
        disabledFocusable={why !== null}
        onClick={why === null ? onClick : undefined}
      >
        {children}
      </Button>
    </Why>
  );
}
