import "../../i18n/pages";
import { lazy } from "react";
import { useParameters } from "../../router";

const AuditPage = lazy(() => import("./AuditPage"));
const HealthPage = lazy(() => import("./HealthPage"));
const InstallPage = lazy(() => import("./InstallPage"));
const NotFoundPage = lazy(() => import("../NotFoundPage"));
const PeoplePage = lazy(() => import("./PeoplePage"));

/** All pages of administration behind one door, so that the first load knows of one only. */
export default function AdminPages() {
  const { part } = useParameters();
  if (part === "health") return <HealthPage />;
  if (part === "install") return <InstallPage />;
  if (part === "audit") return <AuditPage />;
  return part === "people" ? <PeoplePage /> : <NotFoundPage />;
}
