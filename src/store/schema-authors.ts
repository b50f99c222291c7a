/** Who wrote a message beside its envelope sender (JSON of `Authors`), and what an account may do beyond its own name. */
export const SCHEMA_AUTHORS = `
ALTER TABLE messages ADD COLUMN authors TEXT;
ALTER TABLE accounts ADD COLUMN allow TEXT;
`;
