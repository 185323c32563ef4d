import { Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import type { Ref } from "react";

const useStyles = makeStyles({
  // Its arrow stands over the page's left edge.
  back: { alignSelf: "flex-start", marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})` },
});

interface Props {
  ref?: Ref<HTMLButtonElement>;
  className?: string;
  onClick: () => void;
  children: string;
}

/** Over a page's title: the way to what it is one of. */
export function BackButton({ className, ...rest }: Props) {
  const styles = useStyles();
  return (
    <Button
      className={mergeClasses(styles.back, className)}
      appearance="subtle"
      icon={<ArrowLeftRegular />}
      {...rest}
    />
  );
}
