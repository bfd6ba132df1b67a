/** Bytes as lines of hexadecimal digits beside the text that they are, as editors of bytes show. */
export interface HexLine {
  readonly offset: string
  readonly hex: string
  /** Printable ASCII as it is; a dot for every other byte. */
  readonly text: string
}

const perLine = 16

/** From base64; empty where it is none. */
export function bytesOf(base64: string): Uint8Array {
  try {
    const text = atob(base64)
    return Uint8Array.from(text, (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

export function hexLines(bytes: Uint8Array): readonly HexLine[] {
  const lines: HexLine[] = []
  for (let at = 0; at < bytes.length; at += perLine) {
    const part = [...bytes.subarray(at, at + perLine)]
    const pairs = part.map((byte) => byte.toString(16).padStart(2, '0'))
    lines.push({
      offset: at.toString(16).padStart(6, '0'),
      hex: `${pairs.slice(0, 8).join(' ')}  ${pairs.slice(8).join(' ')}`.trimEnd(),
      text: part
        .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
        .join(''),
    })
  }
  return lines
}

/** As UTF-8; what is none becomes U+FFFD. */
export const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
