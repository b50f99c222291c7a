export { keysForDomain } from './for-domain.js';
export { type DkimKeyState, dkimInventory } from './inventory.js';
export { type DkimRecord, dkimRecordFor, matchesPublished, zoneLine } from './record.js';
export { createDkimKeys, type DkimKeys, usableDkimKeys } from './signing-keys.js';
