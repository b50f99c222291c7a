export { armour } from './armour.js';
export { judgeOpenPgp, whyNoAddress } from './judge.js';
export { MalformedKey } from './malformed.js';
export { mergeOpenPgp } from './merge.js';
export { readOpenPgp } from './read.js';
export { openOpenPgpSecret } from './secret.js';
