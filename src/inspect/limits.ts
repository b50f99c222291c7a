import type { Config } from '../config/schema.js';

/** Limits of one inspection, from the configuration. */
export type InspectLimits = Config['inspect'];
/** Those of them that bound the structure and text of a message. */
export type StructureLimits = Pick<InspectLimits, 'max_depth' | 'max_parts' | 'max_part_text'>;

/** Header fields of one entity beyond which it counts as `too-large`. */
export const MAX_HEADER_FIELDS = 2000;
/** Bytes of one entity's header beyond which it counts as `too-large`. */
export const MAX_HEADER_BYTES = 1024 * 1024;
/** Further readings of ambiguous entities in one message; beyond them only the raw bytes are read. */
export const MAX_FURTHER_READINGS = 64;
/** Ambiguities reported of one message; one name is reported once a part. */
export const MAX_AMBIGUITIES = 500;
