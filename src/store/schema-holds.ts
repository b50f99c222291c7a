/** Legal holds. */
export const SCHEMA_HOLDS = `
`;
