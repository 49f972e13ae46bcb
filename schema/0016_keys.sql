-- What a key may do of what its agent may, from when to when, who gave it and when it was last used.
SET lock_timeout = '2s';

-- NULL in verbs, workflows, capabilities and amount_max is no bound of its own. Words of verbs are those of the roles. follows is the key
-- in whose place this one was issued. last_used_at is coarse: it is written minutes apart.
ALTER TABLE board.api_key
  ADD COLUMN verbs text[],
  ADD COLUMN workflows text[],
  ADD COLUMN capabilities text[],
  ADD COLUMN amount_max numeric,
  ADD COLUMN currency text,
  ADD COLUMN not_before timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN note text,
  ADD COLUMN created_by text,
  ADD COLUMN follows text,
  ADD COLUMN last_used_at timestamptz;
ALTER TABLE board.api_key
  ADD CONSTRAINT api_key_amount CHECK ((amount_max IS NULL) = (currency IS NULL) AND amount_max > 0 AND amount_max <> 'NaN') NOT VALID;
