/** Netpbm's formats: what kind, width and height, with comments anywhere (`man pbm`, `pgm`, `ppm`, `pam`). */
const NETPBM = /^\s*P(?:[1-6]\s(?:\s|#[^\n]*\n)*\d+(?:\s|#[^\n]*\n)+\d+\s|7\s+WIDTH\s+\d)/;
/** X11's bitmaps and pixmaps, which are source code in C. */
const XBM =
  /^[ \t]*#[ \t]*define[ \t]+\w{0,80}_?width[ \t]+\d+[ \t]*\r?\n[ \t]*#[ \t]*define[ \t]+\w{0,80}_?height[ \t]+\d/m;
const XPM =
  /^\s*(?:\/\*\s*XPM\s*\*\/|! XPM2|static\s+(?:const\s+)?char\s*\*\s*(?:const\s+)?\w{1,80}\s*\[\s*\]\s*=)/;

/** Whether the text is a picture: its words can be searched, and what it shows can't. */
export function isTextPicture(bytes: Buffer): boolean {
  const head = bytes.toString('latin1', 0, 4096);
  return NETPBM.test(head) || (head.includes('define') && XBM.test(head)) || XPM.test(head);
}
