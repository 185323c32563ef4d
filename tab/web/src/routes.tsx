import { Component, lazy, type ReactNode, Suspense, useEffect } from "react";
import { connection } from "./api/connection";
import { HomePage } from "./pages/home/HomePage";
import { CrashPage, StartProblemPage } from "./pages/StartPages";
import { type Route, Routes } from "./router";
import { Loading } from "./ui/Faces";

const AdminPages = lazy(() => import("./pages/admin/AdminPages"));
const EditorPage = lazy(() => import("./pages/editor/EditorPage"));
const ListPage = lazy(() => import("./pages/lists/ListPage"));
const ListsPage = lazy(() => import("./pages/lists/ListsPage"));
const NotFoundPage = lazy(() => import("./pages/NotFoundPage"));
const ReportPage = lazy(() => import("./pages/report/ReportPage"));
const SurveyPages = lazy(() => import("./pages/surveys/SurveyPages"));

const routes: Route[] = [
  { path: "/", name: "home", element: <HomePage /> },
  { path: "/new", name: "home", element: <HomePage creating /> },
  { path: "/campaigns/:id/edit", name: "editor", element: <EditorPage /> },
  { path: "/campaigns/:id", name: "report", element: <ReportPage /> },
  { path: "/lists", name: "lists", element: <ListsPage /> },
  { path: "/lists/:id", name: "list", element: <ListPage /> },
  { path: "/surveys", name: "surveys", element: <SurveyPages /> },
  { path: "/surveys/:id", name: "survey", element: <SurveyPages /> },
  { path: "/surveys/:id/results", name: "results", element: <SurveyPages /> },
  { path: "/admin/:part", name: "admin", element: <AdminPages /> },
];

export function Pages() {
  return (
    <Boundary>
      <Suspense fallback={<Loading />}>
        <Routes routes={routes} otherwise={<NotFoundPage />} />
      </Suspense>
    </Boundary>
  );
}

/** Something in a page threw, or its code could not be loaded: say so instead of an empty frame. */
class Boundary extends Component<{ children: ReactNode }, { broken: "no" | "yes" | "unloaded" }> {
  override state = { broken: "no" } as const;

  static getDerivedStateFromError(error: unknown) {
    return { broken: isUnloaded(error) ? "unloaded" : "yes" };
  }

  override render() {
    const { broken }: { broken: "no" | "yes" | "unloaded" } = this.state;
    if (broken === "no") return this.props.children;
    return broken === "unloaded" ? <Unloaded /> : <CrashPage />;
  }
}

/** Each browser says it in its own words that a part of the page did not come. */
function isUnloaded(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module|importing a module/i.test(error.message);
}

/** A page that came so recently loads itself again only when somebody says so: it would begin a circle. */
const young = 10_000;

/** The code of a page could not be loaded: Herald is down, or a newer one is there. Both are over when the page is loaded again. */
function Unloaded() {
  useEffect(() => {
    connection.set("lost");
    return connection.subscribe(() => {
      if (connection.snapshot() === "there" && performance.now() > young) location.reload();
    });
  }, []);
  const reload = () => {
    location.reload();
  };
  return <StartProblemPage problem="down" onRetry={reload} />;
}
