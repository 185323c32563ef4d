import { MenuItem } from "@fluentui/react-components";
import { Why } from "./Why";

interface Props {
  icon: React.JSX.Element;
  why: string | null;
  onClick: () => void;
  children: string;
}

/** An entry of a menu that says why it cannot be chosen, when it cannot. */
export function WhyItem({ icon, why, onClick, children }: Props) {
  return (
    <Why reason={why}>
      <MenuItem icon={icon} disabled={why !== null} onClick={why === null ? onClick : undefined}>
        {children}
      </MenuItem>
    </Why>
  );
}
