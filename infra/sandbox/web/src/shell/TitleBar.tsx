import {
  Badge,
  Button,
  makeStyles,
  Menu,
  MenuGroup,
  MenuGroupHeader,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  type MenuProps,
  MenuTrigger,
  mergeClasses,
  Subtitle2,
  Text,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  ChevronDownRegular,
  DarkThemeRegular,
  LocalLanguageRegular,
  PersonRegular,
  PlugDisconnectedRegular,
  SettingsRegular,
} from "@fluentui/react-icons";
import { personas, personFor } from "../api/queries";
import type { Person } from "../api/types";
import { teamsThemes } from "../host/protocol";
import { languageNames, languages, useWords } from "../words";
import { ClockControl } from "./ClockControl";
import { layout, narrow } from "./layout";
import type { Settings } from "./settings";
import { useNarrow } from "./useNarrow";

const useStyles = makeStyles({
  bar: {
    minHeight: layout.titleHeight,
    flexShrink: 0,
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    paddingLeft: tokens.spacingHorizontalL,
    paddingRight: tokens.spacingHorizontalM,
    backgroundColor: tokens.colorNeutralBackground4,
    [narrow]: { paddingLeft: tokens.spacingHorizontalM, paddingRight: tokens.spacingHorizontalXS },
  },
  name: { margin: 0, whiteSpace: "nowrap" },
  // For screen readers alone: a phone has no room for it.
  unseen: { position: "absolute", clipPath: "inset(50%)" },
  space: { flexGrow: 1 },
  warning: {
    color: tokens.colorStatusDangerForeground1,
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    minWidth: 0,
  },
  trigger: { fontWeight: tokens.fontWeightRegular, whiteSpace: "nowrap" },
});

interface TitleBarProps {
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
  connected: boolean;
  people: Person[];
}

/** Says clearly that this is a sandbox, and holds its switches. */
export function TitleBar(props: TitleBarProps) {
  const styles = useStyles();
  const words = useWords();
  const isNarrow = useNarrow();
  const { settings } = props;
  return (
    <header className={styles.bar}>
      <Subtitle2 as="h1" className={mergeClasses(styles.name, isNarrow && styles.unseen)}>
        {words.brand}
      </Subtitle2>
      <Tooltip content={words.sandboxHint} relationship="description">
        {/* The tooltip must be reachable by keyboard; the badge itself is not a control. */}
        <Button appearance="transparent" size="small">
          <Badge appearance="filled" color="brand" size="large">
            {words.sandbox}
          </Badge>
        </Button>
      </Tooltip>
      <div role="status" className={styles.warning}>
        {!props.connected && (
          <>
            <PlugDisconnectedRegular aria-hidden="true" />
            <Text truncate wrap={false} size={200}>
              {words.disconnected}
            </Text>
          </>
        )}
      </div>
      <div className={styles.space} />
      <ClockControl />
      {isNarrow ? (
        <Switches
          {...props}
          label={words.settings}
          icon={<SettingsRegular />}
          which={["persona", "language", "theme"]}
        />
      ) : (
        <>
          <Switches
            {...props}
            label={words.whoseTab}
            icon={<PersonRegular />}
            text={words.persona[settings.persona]}
            which={["persona"]}
          />
          <Switches
            {...props}
            label={words.language}
            icon={<LocalLanguageRegular />}
            text={languageNames[settings.language]}
            which={["language"]}
          />
          <Switches
            {...props}
            label={words.theme}
            icon={<DarkThemeRegular />}
            text={themeName(words, settings.theme)}
            which={["theme"]}
          />
        </>
      )}
    </header>
  );
}

type Switch = "persona" | "language" | "theme";

function Switches(
  props: TitleBarProps & { label: string; icon: React.JSX.Element; text?: string; which: Switch[] },
) {
  const styles = useStyles();
  const words = useWords();
  const { settings, which } = props;
  const checked = { persona: [settings.persona], language: [settings.language], theme: [settings.theme] };
  const onCheckedValueChange: MenuProps["onCheckedValueChange"] = (_, data) => {
    const value = data.checkedItems[0];
    const persona = personas.find((one) => one === value);
    const language = languages.find((one) => one === value);
    const theme = teamsThemes.find((one) => one === value);
    if (persona !== undefined) props.onChange({ persona });
    if (language !== undefined) props.onChange({ language });
    if (theme !== undefined) props.onChange({ theme });
  };
  const name = props.text === undefined ? props.label : `${props.label}: ${props.text}`;
  return (
    <Menu checkedValues={checked} onCheckedValueChange={onCheckedValueChange} positioning="below-end">
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={name} relationship="label">
          <Button appearance="subtle" icon={props.icon} className={styles.trigger}>
            {props.text !== undefined && (
              <>
                {props.text}
                <ChevronDownRegular aria-hidden="true" />
              </>
            )}
          </Button>
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {which.includes("persona") && (
            <MenuGroup>
              <MenuGroupHeader>{words.whoseTab}</MenuGroupHeader>
              {personas.map((persona) => {
                const person = personFor(persona, props.people);
                return (
                  <MenuItemRadio
                    key={persona}
                    name="persona"
                    value={persona}
                    secondaryContent={person?.displayName}
                  >
                    {words.persona[persona]}
                  </MenuItemRadio>
                );
              })}
            </MenuGroup>
          )}
          {which.includes("language") && (
            <MenuGroup>
              <MenuGroupHeader>{words.language}</MenuGroupHeader>
              {languages.map((language) => (
                <MenuItemRadio key={language} name="language" value={language} lang={language}>
                  {languageNames[language]}
                </MenuItemRadio>
              ))}
            </MenuGroup>
          )}
          {which.includes("theme") && (
            <MenuGroup>
              <MenuGroupHeader>{words.theme}</MenuGroupHeader>
              {teamsThemes.map((theme) => (
                <MenuItemRadio key={theme} name="theme" value={theme}>
                  {themeName(words, theme)}
                </MenuItemRadio>
              ))}
            </MenuGroup>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function themeName(words: ReturnType<typeof useWords>, theme: Settings["theme"]): string {
  return { default: words.themeDefault, dark: words.themeDark, contrast: words.themeContrast }[theme];
}
