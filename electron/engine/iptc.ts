/** IPTC-IIM 4.2, record 2: data sets that say where a photo was made. */
const LOCATION = new Set([26, 27, 90, 92, 95, 100, 101]);
const MARK = 0x1c;

/**
 * IPTC-IIM without its places. The bytes may be bare data sets or lie in Photoshop's resource blocks; either way the
 * values are blanked in place (spaces), so no length in front of them changes.
 */
export function withoutLocation(iptc: Buffer): Buffer {
  const bytes = Buffer.from(iptc);
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at] !== MARK || bytes[at + 1]! > 9 || length > 0x7fff || at + 5 + length > bytes.length) {
      at++;
      continue;
    }
    if (bytes[at + 1] === 2 && LOCATION.has(bytes[at + 2]!)) bytes.fill(0x20, at + 5, at + 5 + length);
    at += 5 + length;
  }
  return bytes;
}
