/** Alerts. */
export function AlertsScreen() {
  return <div />
}
