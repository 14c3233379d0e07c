/** Texts of messages and tickets that differ from the built-in ones. */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE templates (
  id uuid PRIMARY KEY,
  revision integer NOT NULL DEFAULT 1,
  purpose text NOT NULL,
  project text CHECK (project <> ''),
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN templates.project IS 'null is for every project that has none of its own';
CREATE UNIQUE INDEX templates_place ON templates (purpose, coalesce(project, ''));
CREATE INDEX templates_purpose ON templates (purpose, id);
CREATE INDEX templates_project ON templates (project, id);
`);

export const down = (knex) => knex.raw('DROP TABLE templates');
