import { AdminFrame } from "./AdminFrame";

/** Whether Herald is well, and what to do where it is not. */
export default function HealthPage() {
  return <AdminFrame here="health">{null}</AdminFrame>;
}
