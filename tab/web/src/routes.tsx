import { lazy, Suspense } from "react";
import type { RouteObject } from "react-router";
import { HomePage } from "./pages/home/HomePage";
import { CrashPage, NotFoundPage } from "./pages/StartPages";
import { Loading } from "./ui/Faces";

const EditorPage = lazy(() => import("./pages/editor/EditorPage"));
const ReportPage = lazy(() => import("./pages/report/ReportPage"));

export const routes: RouteObject[] = [
  {
    errorElement: <CrashPage />,
    children: [
      { path: "/", element: <HomePage /> },
      { path: "/new", element: <HomePage creating /> },
      {
        path: "/campaigns/:id/edit",
        element: (
          <Suspense fallback={<Loading />}>
            <EditorPage />
          </Suspense>
        ),
      },
      {
        path: "/campaigns/:id",
        element: (
          <Suspense fallback={<Loading />}>
            <ReportPage />
          </Suspense>
        ),
      },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
];
