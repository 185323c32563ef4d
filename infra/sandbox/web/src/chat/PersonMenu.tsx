import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Toast,
  ToastBody,
  ToastTitle,
  Tooltip,
  useToastController,
} from "@fluentui/react-components";
import {
  AppsAddInRegular,
  DeleteRegular,
  EmojiRegular,
  EyeRegular,
  MoreHorizontalRegular,
  PersonCircleRegular,
  ProhibitedRegular,
  ShieldCheckmarkRegular,
} from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cloud } from "../api/cloud";
import { type ChatEntry, type Person, presences, reactionTypes } from "../api/types";
import { useWords } from "../words";
import { emoji } from "./emoji";
import { TOASTER_ID } from "./useArrivals";

interface PersonMenuProps {
  person: Person;
  /** Herald's newest message that is still there; reading and reacting mean this one. */
  last: ChatEntry | undefined;
}

interface Deed {
  what: string;
  run: () => Promise<unknown>;
  /** Said when nothing on the page would show it. */
  done?: string;
}

/** Everything that the person could do to Herald in real Teams. */
export function PersonMenu({ person, last }: PersonMenuProps) {
  const words = useWords();
  const client = useQueryClient();
  const toast = useToastController(TOASTER_ID);
  const act = useMutation({
    mutationFn: (deed: Deed) => deed.run(),
    onSuccess: (_, deed) => {
      if (deed.done === undefined) return;
      toast.dispatchToast(
        <Toast>
          <ToastTitle>{deed.done}</ToastTitle>
        </Toast>,
        { intent: "success", timeout: 3000 },
      );
    },
    onError: (error, deed) =>
      toast.dispatchToast(
        <Toast>
          <ToastTitle>{words.actionFailed(deed.what)}</ToastTitle>
          <ToastBody>{error.message}</ToastBody>
        </Toast>,
        { intent: "error" },
      ),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["people"] });
      void client.invalidateQueries({ queryKey: ["chat", person.id] });
    },
  });
  const toLast = last === undefined ? words.nothingToRead : undefined;
  return (
    <Menu
      positioning="below-end"
      checkedValues={{ presence: [person.presence] }}
      onCheckedValueChange={(_, data) => {
        const availability = data.checkedItems[0];
        if (data.name !== "presence" || availability === undefined) return;
        act.mutate({ what: words.setPresence, run: () => cloud.setPresence(person.id, availability) });
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={words.personMenu(person.displayName)} relationship="label">
          <Button appearance="subtle" icon={<MoreHorizontalRegular />} disabledFocusable={act.isPending} />
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {person.installed ? (
            <MenuItem
              icon={<DeleteRegular />}
              onClick={() =>
                act.mutate({ what: words.uninstall, run: () => cloud.change(person.id, "uninstall") })
              }
            >
              {words.uninstall}
            </MenuItem>
          ) : (
            <MenuItem
              icon={<AppsAddInRegular />}
              onClick={() =>
                act.mutate({ what: words.install, run: () => cloud.change(person.id, "install") })
              }
            >
              {words.install}
            </MenuItem>
          )}
          {person.blocked ? (
            <MenuItem
              icon={<ShieldCheckmarkRegular />}
              onClick={() =>
                act.mutate({ what: words.unblock, run: () => cloud.change(person.id, "unblock") })
              }
            >
              {words.unblock}
            </MenuItem>
          ) : (
            <MenuItem
              icon={<ProhibitedRegular />}
              disabled={!person.installed}
              secondaryContent={person.installed ? undefined : words.mustInstall}
              onClick={() => act.mutate({ what: words.block, run: () => cloud.change(person.id, "block") })}
            >
              {words.block}
            </MenuItem>
          )}
          <MenuDivider />
          <MenuItem
            icon={<EyeRegular />}
            disabled={last === undefined}
            secondaryContent={toLast}
            onClick={() => {
              if (last === undefined) return;
              act.mutate({
                what: words.markRead,
                run: () => cloud.read(person.id, last.id),
                done: words.markedRead,
              });
            }}
          >
            {words.markRead}
          </MenuItem>
          {last === undefined ? (
            <MenuItem icon={<EmojiRegular />} disabled secondaryContent={toLast}>
              {words.react}
            </MenuItem>
          ) : (
            <Menu>
              <MenuTrigger disableButtonEnhancement>
                <MenuItem icon={<EmojiRegular />}>{words.react}</MenuItem>
              </MenuTrigger>
              <MenuPopover>
                <MenuList>
                  {reactionTypes.map((type) => (
                    <MenuItem
                      key={type}
                      icon={<span aria-hidden="true">{emoji[type]}</span>}
                      onClick={() =>
                        act.mutate({
                          what: words.react,
                          run: () => cloud.react(person.id, last.id, type),
                          done: words.reacted,
                        })
                      }
                    >
                      {words.reactions[type]}
                    </MenuItem>
                  ))}
                </MenuList>
              </MenuPopover>
            </Menu>
          )}
          <MenuDivider />
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <MenuItem icon={<PersonCircleRegular />}>{words.setPresence}</MenuItem>
            </MenuTrigger>
            <MenuPopover>
              <MenuList
                checkedValues={{ presence: [person.presence] }}
                onCheckedValueChange={(_, data) => {
                  const availability = data.checkedItems[0];
                  if (availability === undefined) return;
                  act.mutate({
                    what: words.setPresence,
                    run: () => cloud.setPresence(person.id, availability),
                  });
                }}
              >
                {presences.map((presence) => (
                  <MenuItemRadio key={presence} name="presence" value={presence}>
                    {words.presence[presence]}
                  </MenuItemRadio>
                ))}
              </MenuList>
            </MenuPopover>
          </Menu>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
