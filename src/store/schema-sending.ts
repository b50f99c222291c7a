/** What sending remembers: throttles, suppressed addresses. */
export const SCHEMA_SENDING = `
`;
