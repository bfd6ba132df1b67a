/** What an entry of the audit log says of an operation, as a line for people; pure. */

/** How many rows were asked for tells nobody anything. */
const untold = new Set(['limit', 'after', 'before'])

/** `{"kind":"ip","limit":50}` → `kind ip`; what is no object of JSON stays as it is. */
export function detailText(detail: string): string {
  const fields = fieldsOf(detail)
  if (fields === null) return detail
  return fields
    .filter(([name, value]) => !untold.has(name) && value !== null && value !== '')
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' · ')
}

function fieldsOf(detail: string): readonly (readonly [string, unknown])[] | null {
  try {
    const parsed: unknown = JSON.parse(detail)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? Object.entries(parsed) : null
  } catch {
    return null
  }
}
