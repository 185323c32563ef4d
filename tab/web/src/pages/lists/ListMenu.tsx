import { MenuDivider, MenuItem } from "@fluentui/react-components";
import { DeleteRegular, OpenRegular, RenameRegular } from "@fluentui/react-icons";
import type { List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { FileItems } from "../../ui/FileItems";
import { MoreMenu } from "../../ui/MoreMenu";
import { useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { WhyItem } from "../../ui/WhyItem";

export type ListAction = "rename" | "delete";

interface Props {
  list: List;
  /** The menu stands on the list's own page. */
  own?: boolean;
  onAction: (action: ListAction) => void;
}

/** What can be done with a list as a whole. */
export function ListMenu({ list, own = false, onAction }: Props) {
  const { t } = useLanguage();
  const { api, me } = useSession();
  const download = useDownload();
  const why = me.can.write ? null : t("list.readonly");
  const load = (type: "csv" | "xlsx") => api.membersFile(list.id, type);
  return (
    <MoreMenu name={list.name}>
      {!own && (
        <MenuItem icon={<OpenRegular />} onClick={() => navigate(`/lists/${list.id}`)}>
          {t("list.menu.open")}
        </MenuItem>
      )}
      <WhyItem
        icon={<RenameRegular />}
        why={why}
        onClick={() => {
          onAction("rename");
        }}
      >
        {t("list.menu.rename")}
      </WhyItem>
      <MenuDivider />
      <FileItems of="list.menu" onSave={(type) => void download(list.name, type, load)} />
      <MenuDivider />
      <WhyItem
        icon={<DeleteRegular />}
        why={why}
        onClick={() => {
          onAction("delete");
        }}
      >
        {t("list.menu.delete")}
      </WhyItem>
    </MoreMenu>
  );
}
