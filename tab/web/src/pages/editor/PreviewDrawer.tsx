import { Button, makeStyles, useRestoreFocusTarget } from "@fluentui/react-components";
import { EyeRegular } from "@fluentui/react-icons";
import { type ReactNode, useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { SideDrawer } from "../../ui/SideDrawer";

const useStyles = makeStyles({ eye: { flexShrink: 0 } });

/** Where there is no room for the preview beside the form it stands behind a button, which may be no wider than its eye. */
export function PreviewDrawer({ narrow = false, children }: { narrow?: boolean; children: ReactNode }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const focusBack = useRestoreFocusTarget();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        className={styles.eye}
        icon={<EyeRegular />}
        aria-label={t("editor.preview")}
        {...focusBack}
        onClick={() => {
          setOpen(true);
        }}
      >
        {narrow ? null : t("editor.preview")}
      </Button>
      <SideDrawer
        title={t("editor.preview")}
        open={open}
        onClose={() => {
          setOpen(false);
        }}
      >
        {children}
      </SideDrawer>
    </>
  );
}
