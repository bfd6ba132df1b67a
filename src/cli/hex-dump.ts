/** Bytes for a terminal: sixteen a line in hexadecimal, and beside them those that are text. */

const lineBytes = 16

/** `00000010  7b 22 69 64 …  |{"id":"e1"}     |`, without a line end at the end. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += lineBytes) {
    const line = [...bytes.subarray(at, at + lineBytes)]
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  |${text.join('')}|`)
  }
  return lines.join('\n')
}

/** The bytes as UTF-8, with whatever could steer a terminal or hide in it written as an escape. */
export function visibleText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes)
  return text.replace(/[\p{C}\u2028\u2029\\]/gu, (char) =>
    char === '\\'
      ? '\\\\'
      : Array.from(char, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`).join(''),
  )
}
