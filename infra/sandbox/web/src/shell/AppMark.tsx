import { Image, makeStyles, tokens } from "@fluentui/react-components";
import { MegaphoneFilled } from "@fluentui/react-icons";
import { useState } from "react";

const useStyles = makeStyles({
  icon: { fontSize: tokens.fontSizeHero700, lineHeight: 1, display: "flex" },
  image: { width: tokens.fontSizeHero700, height: tokens.fontSizeHero700 },
});

/** Herald's own icon, or a megaphone until Herald serves it. */
export function AppMark(props: { src: string | undefined }) {
  const styles = useStyles();
  const [broken, setBroken] = useState<string>();
  return (
    <span className={styles.icon} aria-hidden="true">
      {props.src === undefined || broken === props.src ? (
        <MegaphoneFilled />
      ) : (
        <Image
          className={styles.image}
          src={props.src}
          alt=""
          shape="rounded"
          onError={() => setBroken(props.src)}
        />
      )}
    </span>
  );
}
