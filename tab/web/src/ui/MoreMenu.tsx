import { Button, Menu, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { MoreHorizontalRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n/Language";

interface Props {
  /** Of what the menu is. */
  name: string;
  defaultOpen?: boolean;
  children: ReactNode;
}

/** The three dots of a list, a survey, a campaign, and the menu behind them. */
export function MoreMenu({ name, defaultOpen = false, children }: Props) {
  const { t } = useLanguage();
  return (
    <Menu defaultOpen={defaultOpen}>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={t("home.menu", { name })} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>{children}</MenuList>
      </MenuPopover>
    </Menu>
  );
}
