/**
 * Notes each change of an effect's phase, each intent to send, and each claim that finds a request under way or unknown, beside the product: a
 * claim that leaves the phase is the beginning of a look-up. The harness counts from it how many outcomes were unknown and
 * how each ended, and judges by it whether what was given up or sent again had been looked for.
 */
export const WATCH_PHASES = `
CREATE TABLE chaos_phases (
  n bigserial PRIMARY KEY,
  effect_id uuid NOT NULL,
  before text NOT NULL,
  after text NOT NULL,
  fence integer NOT NULL,
  intent boolean NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX chaos_phases_effect ON chaos_phases (effect_id, n);
CREATE FUNCTION chaos_note_phase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos_phases (effect_id, before, after, fence, intent) VALUES (NEW.id, OLD.phase, NEW.phase, NEW.fence, NEW.sends > OLD.sends);
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_phases AFTER UPDATE ON effects FOR EACH ROW
  WHEN (OLD.phase <> NEW.phase OR NEW.sends > OLD.sends OR (NEW.phase IN ('sending', 'unknown') AND OLD.fence <> NEW.fence))
  EXECUTE FUNCTION chaos_note_phase()`;
