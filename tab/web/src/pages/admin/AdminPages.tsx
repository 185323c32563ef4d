import "../../i18n/pages";
import { lazy } from "react";
import { usePlace } from "../../router";

const AuditPage = lazy(() => import("./AuditPage"));
const HealthPage = lazy(() => import("./HealthPage"));
const PeoplePage = lazy(() => import("./PeoplePage"));

/** All pages of administration behind one door, so that the first load knows of one only. */
export default function AdminPages() {
  const { path } = usePlace();
  if (path.endsWith("/audit")) return <AuditPage />;
  return path.endsWith("/people") ? <PeoplePage /> : <HealthPage />;
}
