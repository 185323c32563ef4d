import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n/Language";

interface Props {
  title: string;
  open: boolean;
  size?: "medium" | "full";
  onClose: () => void;
  children: ReactNode;
}

/** What comes in from the side over a page, and can be closed. */
export function SideDrawer({ title, open, size = "medium", onClose, children }: Props) {
  const { t } = useLanguage();
  return (
    <OverlayDrawer
      open={open}
      position="end"
      size={size}
      onOpenChange={(_, data) => {
        if (!data.open) onClose();
      }}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button appearance="subtle" icon={<DismissRegular />} aria-label={t("app.close")} onClick={onClose} />
          }
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>{children}</DrawerBody>
    </OverlayDrawer>
  );
}
