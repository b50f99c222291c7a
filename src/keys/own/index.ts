export { SecretDamaged, type SecretOwner, secretSealer } from './secret-seal.js';
export { createSigningKeys } from './signing-keys.js';
