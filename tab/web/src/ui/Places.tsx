import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useLanguage } from "../i18n/Language";
import { Link } from "../router";
import { useSession } from "./Session";

const useStyles = makeStyles({
  bar: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  // As wide as the pages below, with the words above their titles.
  places: {
    boxSizing: "border-box",
    maxWidth: "1280px",
    margin: "0 auto",
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalXS,
    paddingInline: tokens.spacingHorizontalL,
    "@media (max-width: 639px)": { paddingInline: tokens.spacingHorizontalS },
  },
  place: {
    position: "relative",
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalS}`,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    textDecorationLine: "none",
    borderRadius: tokens.borderRadiusMedium,
    ":hover": { color: tokens.colorNeutralForeground1 },
    ":hover::after": { backgroundColor: tokens.colorNeutralStroke1Hover },
    ":focus-visible": {
      outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}`,
      outlineOffset: `calc(-1 * ${tokens.strokeWidthThick})`,
    },
    "::after": {
      content: '""',
      position: "absolute",
      bottom: 0,
      left: tokens.spacingHorizontalS,
      right: tokens.spacingHorizontalS,
      height: tokens.strokeWidthThicker,
      borderRadius: tokens.borderRadiusCircular,
    },
  },
  here: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    "::after": { backgroundColor: tokens.colorCompoundBrandStroke },
    ":hover::after": { backgroundColor: tokens.colorCompoundBrandStroke },
  },
});

const places = { campaigns: "/", lists: "/lists", surveys: "/surveys", admin: "/admin/health" } as const;
export type Place = keyof typeof places;

/** The way between Herald's first pages, like the tabs that Teams puts over a channel. */
export function Places({ here }: { here: Place }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { me } = useSession();
  const open = (Object.keys(places) as Place[]).filter((place) => place !== "admin" || me.can.admin);
  return (
    <nav className={styles.bar} aria-label="Herald">
      <div className={styles.places}>
        {open.map((place) => (
          <Link
            key={place}
            to={places[place]}
            className={mergeClasses(styles.place, place === here && styles.here)}
            aria-current={place === here ? "page" : undefined}
          >
            {t(`place.${place}`)}
          </Link>
        ))}
      </div>
    </nav>
  );
}
