import { Button } from "@fluentui/react-components";
import { MoreHorizontalRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useState } from "react";
import { useLanguage } from "../i18n/Language";
import type { CampaignMenuProps } from "./OpenCampaignMenu";

const load = () => import("./OpenCampaignMenu");
const OpenCampaignMenu = lazy(load);

/** The three dots of a campaign. The menu behind them is loaded when somebody reaches for it. */
export function CampaignMenu(props: CampaignMenuProps) {
  const { t } = useLanguage();
  const [wanted, setWanted] = useState(false);
  const dots = (
    <Button
      appearance="subtle"
      icon={<MoreHorizontalRegular />}
      aria-label={t("home.menu", { name: props.campaign.name })}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => {
        setWanted(true);
      }}
    />
  );
  if (!wanted) return dots;
  return (
    <Suspense fallback={dots}>
      <OpenCampaignMenu {...props} />
    </Suspense>
  );
}
