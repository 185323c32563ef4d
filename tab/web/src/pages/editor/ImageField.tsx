import {
  Button,
  Caption1,
  Field,
  Input,
  Label,
  makeStyles,
  mergeClasses,
  ProgressBar,
  Text,
  tokens,
  useId,
} from "@fluentui/react-components";
import { ArrowSyncRegular, ArrowUploadRegular, DeleteRegular, ImageRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import { ApiError, toApiError } from "../../api/error";
import { useLanguage } from "../../i18n/Language";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { httpsProblem } from "./CardFieldset";
import { near } from "./limits";
import type { CardInForm } from "./useCard";
import { isHttps, useFieldProblem } from "./useDraft";

/** Offered when choosing a file; what a file really is, Herald finds out. */
const accepted = "image/png,image/jpeg,image/gif,image/webp,image/bmp";
/** Larger files are not sent at all, in bytes. */
const maxFile = 20 * 1024 * 1024;

const useStyles = makeStyles({
  image: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  drop: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalL,
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusLarge,
    border: `${tokens.strokeWidthThin} dashed ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground2,
    color: tokens.colorNeutralForeground2,
  },
  over: {
    border: `${tokens.strokeWidthThin} dashed ${tokens.colorCompoundBrandStroke}`,
    backgroundColor: tokens.colorBrandBackground2,
  },
  thumb: {
    display: "flex",
    alignItems: "center",
    justifyContent: "center",
    flexShrink: 0,
    width: "8rem",
    height: "5rem",
    overflow: "hidden",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground4,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeHero800,
  },
  picture: { maxWidth: "100%", maxHeight: "100%", objectFit: "contain" },
  side: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    minWidth: 0,
    flexGrow: 1,
    flexBasis: "12rem",
  },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** The card's image: uploaded by button, drag and drop or paste, or linked to by an https address. */
export function ImageField({ card }: { card: CardInForm }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const problem = useFieldProblem();
  const name = useId("image");
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const side = useRef<HTMLDivElement>(null);
  const running = useRef<AbortController | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const { imageUrl, imageAlt } = card.fields;
  const url = imageUrl.trim();
  const alt = near(imageAlt, 500, t);

  useEffect(
    () => () => {
      running.current?.abort();
    },
    [],
  );

  const uploading = busy !== null;
  const was = useRef(uploading);
  useEffect(() => {
    if (was.current === uploading) return;
    was.current = uploading;
    // The button that had the focus has gone; another one stands in its place.
    if (document.activeElement === document.body) side.current?.querySelector("button")?.focus();
  }, [uploading]);

  async function upload(file: File | undefined) {
    if (!file) return;
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setError(null);
    setBusy(file.name);
    try {
      if (file.size > maxFile) throw new ApiError(413, { code: "image_too_large" });
      const stored = await api.uploadImage(file, mine.signal);
      card.setImage(stored.url);
    } catch (caught) {
      if (mine.signal.aborted) return;
      setError(caught);
    }
    if (running.current === mine) {
      running.current = null;
      setBusy(null);
    }
  }

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- The button inside does the same.
    <div
      className={styles.image}
      role="group"
      aria-labelledby={name}
      onPaste={(event) => {
        const file = imageOf(event.clipboardData);
        if (!file) return;
        event.preventDefault();
        void upload(file);
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        void upload(event.dataTransfer.files[0]);
      }}
    >
      <Label id={name}>{t("card.image")}</Label>
      <div className={mergeClasses(styles.drop, over && styles.over)}>
        <Thumbnail key={url} url={url} />
        <div className={styles.side} ref={side}>
          {busy === null ? (
            <div className={styles.actions}>
              <Button
                ref={button}
                icon={url ? <ArrowSyncRegular /> : <ArrowUploadRegular />}
                onClick={() => input.current?.click()}
              >
                {t(url ? "card.image.replace" : "card.image.upload")}
              </Button>
              {url && (
                <Button
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  onClick={() => {
                    card.removeImage();
                    setError(null);
                    button.current?.focus();
                  }}
                >
                  {t("card.image.remove")}
                </Button>
              )}
            </div>
          ) : (
            <>
              <Field validationState="none" label={t("card.image.uploading", { name: busy })}>
                <ProgressBar />
              </Field>
              <div>
                <Button
                  size="small"
                  onClick={() => {
                    running.current?.abort();
                    running.current = null;
                    setBusy(null);
                  }}
                >
                  {t("app.cancel")}
                </Button>
              </div>
            </>
          )}
          {busy === null && <Caption1 className={styles.quiet}>{t("card.image.drop")}</Caption1>}
        </div>
        <input
          ref={input}
          type="file"
          accept={accepted}
          hidden
          onChange={(event) => {
            void upload(event.target.files?.[0]);
            // The same file may be chosen again once it has been mended.
            event.target.value = "";
          }}
        />
      </div>
      <div role="status">
        {error !== null && (
          <Field
            validationState="error"
            validationMessage={`${explain(error, t)}${url ? ` ${t("card.image.kept")}` : ""}${
              toApiError(error).status === 0 ? "" : ` ${t("card.image.kinds")}`
            }`}
          />
        )}
      </div>
      <Field
        label={t("card.image.url")}
        hint={t("card.image.hint")}
        {...problem(card.pointer("imageUrl"), isOwn(url) ? null : httpsProblem(url, t))}
      >
        <Input
          type="url"
          value={imageUrl}
          placeholder="https://"
          onChange={(_, data) => {
            card.setText("imageUrl", data.value);
          }}
        />
      </Field>
      {url !== "" && (
        <Field
          label={t("card.alt")}
          hint={alt.hint ?? t("card.alt.hint")}
          required
          {...(imageAlt.trim() === ""
            ? { validationState: "warning" as const, validationMessage: t("card.alt.missing") }
            : {})}
          {...problem(card.pointer("imageAlt"), alt.problem)}
        >
          <Input
            value={imageAlt}
            onChange={(_, data) => {
              card.setText("imageAlt", data.value);
            }}
          />
        </Field>
      )}
    </div>
  );
}

function Thumbnail({ url }: { url: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const [failed, setFailed] = useState(false);
  const shows = (isHttps(url) || isOwn(url)) && !failed;
  return (
    <>
      <span className={styles.thumb}>
        {shows ? (
          <img
            className={styles.picture}
            src={url}
            alt={t("card.image.thumb")}
            referrerPolicy="no-referrer"
            onError={() => {
              setFailed(true);
            }}
          />
        ) : (
          <ImageRegular aria-hidden />
        )}
      </span>
      {failed && <Text>{t("card.image.failed")}</Text>}
    </>
  );
}

/** An image that Herald keeps; in the sandbox its address is not https. */
function isOwn(url: string): boolean {
  return url.startsWith(`${window.location.origin}/i/`);
}

/** The image among what was pasted, unless words came with it: from Word, both do. */
function imageOf(data: DataTransfer): File | undefined {
  if (data.getData("text/plain") !== "") return undefined;
  return [...data.files].find((file) => file.type.startsWith("image/"));
}
