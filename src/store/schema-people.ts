/** Operators and their approvals. */
export const SCHEMA_PEOPLE = `
`;
