import "../../i18n/home";
import {
  Button,
  Caption1,
  Menu,
  MenuButton,
  MenuDivider,
  MenuItemCheckbox,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { ArrowSortRegular, DismissRegular, FilterRegular, PersonRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { Format } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { phone, useMedia, useSession } from "../../ui/Session";
import type { ListView } from "./useListView";

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
  // The menus stand in the page itself, within its landmark; so they have to be lifted above the rows.
  menu: { zIndex: tokens.zIndexPopup, maxHeight: "60vh", overflowY: "auto" },
  chosen: { maxWidth: "16rem", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  failed: { padding: tokens.spacingHorizontalS, color: tokens.colorNeutralForeground3 },
});

const formats: Format[] = ["idea", "success", "important", "card", "message", "survey"];
const orders = ["updated.desc", "name.asc", "name.desc", "when.desc", "when.asc"] as const;

interface Props {
  view: ListView;
  onChange: (change: Partial<ListView>) => void;
}

/** What narrows the list; on a phone, where no header can be pressed, also what sorts it. */
export default function Filters(props: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const small = useMedia(phone);
  const { view, onChange } = props;
  return (
    <div className={styles.bar} role="group" aria-label={t("home.filters")}>
      <FormatFilter {...props} />
      <AuthorFilter {...props} />
      {small && <SortMenu {...props} />}
      {!small && (view.formats.length > 0 || view.author !== "") && (
        <Button
          appearance="subtle"
          icon={<DismissRegular />}
          onClick={() => {
            onChange({ formats: [], author: "" });
          }}
        >
          {t("home.filter.clear")}
        </Button>
      )}
    </div>
  );
}

function FormatFilter({ view, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const [only] = view.formats;
  const words = !only
    ? t("home.filter.format.all")
    : view.formats.length === 1
      ? t(`format.${only}`)
      : t("home.filter.format.some", { n: view.formats.length });
  return (
    <Menu
      inline
      checkedValues={{ format: view.formats }}
      onCheckedValueChange={(_, { checkedItems }) => {
        onChange({ formats: formats.filter((each) => checkedItems.includes(each)) });
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <MenuButton
          icon={<FilterRegular />}
          appearance={only ? "secondary" : "outline"}
          aria-label={`${t("home.filter.format")}: ${words}`}
        >
          <span className={styles.chosen}>{words}</span>
        </MenuButton>
      </MenuTrigger>
      <MenuPopover className={styles.menu}>
        <MenuList>
          {formats.map((each) => (
            <MenuItemCheckbox key={each} name="format" value={each}>
              {t(`format.${each}`)}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

const everybody = "*";

function AuthorFilter({ view, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const authors = useQuery({
    queryKey: ["authors"],
    queryFn: ({ signal }) => api.authors(signal),
    staleTime: 60_000,
  });
  const others = authors.data?.items.filter(({ id }) => id !== me.id) ?? [];
  // Somebody's own id in the address is "me" too.
  const author = view.author === me.id ? "me" : view.author;
  const name = (id: string) =>
    (id === "former" ? t("author.former") : others.find((each) => each.id === id)?.displayName) ||
    t("home.filter.author.unnamed");
  const words =
    author === "" ? t("home.filter.author.all") : author === "me" ? t("home.filter.author.me") : name(author);
  return (
    <Menu
      inline
      checkedValues={{ author: [author || everybody] }}
      onCheckedValueChange={(_, { checkedItems: [chosen = everybody] }) => {
        onChange({ author: chosen === everybody ? "" : chosen });
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <MenuButton
          icon={<PersonRegular />}
          appearance={author ? "secondary" : "outline"}
          aria-label={`${t("home.filter.author")}: ${words}`}
        >
          <span className={styles.chosen}>{words}</span>
        </MenuButton>
      </MenuTrigger>
      <MenuPopover className={styles.menu}>
        <MenuList>
          <MenuItemRadio name="author" value={everybody}>
            {t("home.filter.author.all")}
          </MenuItemRadio>
          <MenuItemRadio name="author" value="me">
            {t("home.filter.author.me")}
          </MenuItemRadio>
          {others.length > 0 && <MenuDivider />}
          {others.map(({ id }) => (
            <MenuItemRadio key={id} name="author" value={id}>
              {name(id)}
            </MenuItemRadio>
          ))}
          {authors.isError && (
            <Caption1 block className={styles.failed}>
              {t("home.filter.author.failed")}
            </Caption1>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function SortMenu({ view, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const current = orders.find((each) => each === `${view.sort}.${view.order}`) ?? "updated.desc";
  return (
    <Menu
      inline
      checkedValues={{ sort: [current] }}
      onCheckedValueChange={(_, { checkedItems: [chosen] }) => {
        const [sort, order] = (orders.find((each) => each === chosen) ?? "updated.desc").split(".") as [
          ListView["sort"],
          ListView["order"],
        ];
        onChange({ sort, order });
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <MenuButton
          icon={<ArrowSortRegular />}
          appearance="outline"
          aria-label={`${t("home.sort")}: ${t(`home.sort.${current}`)}`}
        >
          {t(`home.sort.${current}`)}
        </MenuButton>
      </MenuTrigger>
      <MenuPopover className={styles.menu}>
        <MenuList>
          {orders.map((each) => (
            <MenuItemRadio key={each} name="sort" value={each}>
              {t(`home.sort.${each}`)}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
