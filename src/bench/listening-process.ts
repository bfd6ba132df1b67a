/**
 * Which process of this machine listens on a TCP port, by what Linux tells in /proc: so that the
 * processor time of a broker can be told without naming it. Null elsewhere, where the port is of
 * another machine, or where the process is somebody else's.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const listening = '0A'

export function listeningProcess(port: number): number | null {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => inodes(path, port)))
  if (sockets.size === 0) return null
  for (const pid of entries('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    for (const file of entries(`/proc/${pid}/fd`))
      if (sockets.has(linkOf(`/proc/${pid}/fd/${file}`))) return Number(pid)
  }
  return null
}

/** Lines of `sl local_address rem_address st … inode`, the port in hexadecimal. */
function inodes(path: string, port: number): string[] {
  return textOf(path)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, , state]) =>
        state === listening && Number.parseInt(local?.split(':')[1] ?? '', 16) === port,
    )
    .map((fields) => `socket:[${fields[9]}]`)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function entries(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
