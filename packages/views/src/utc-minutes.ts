/** Minutes are enough for a reader, and the zone is said because a ticket is read everywhere. */
export function utcMinutes(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
