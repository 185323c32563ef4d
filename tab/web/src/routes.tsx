import { Component, lazy, type ReactNode, Suspense } from "react";
import { HomePage } from "./pages/home/HomePage";
import { CrashPage } from "./pages/StartPages";
import { type Route, Routes } from "./router";
import { Loading } from "./ui/Faces";

const EditorPage = lazy(() => import("./pages/editor/EditorPage"));
const ListPage = lazy(() => import("./pages/lists/ListPage"));
const ListsPage = lazy(() => import("./pages/lists/ListsPage"));
const NotFoundPage = lazy(() => import("./pages/NotFoundPage"));
const ReportPage = lazy(() => import("./pages/report/ReportPage"));

const routes: Route[] = [
  { path: "/", name: "home", element: <HomePage /> },
  { path: "/new", name: "home", element: <HomePage creating /> },
  { path: "/campaigns/:id/edit", name: "editor", element: <EditorPage /> },
  { path: "/campaigns/:id", name: "report", element: <ReportPage /> },
  { path: "/lists", name: "lists", element: <ListsPage /> },
  { path: "/lists/:id", name: "list", element: <ListPage /> },
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
class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <CrashPage /> : this.props.children;
  }
}
