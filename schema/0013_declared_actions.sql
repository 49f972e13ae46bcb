-- An action that a workflow declares is proposed with its case: no task stands behind it until somebody sends it.
SET lock_timeout = '2s';

ALTER TABLE board.action ALTER COLUMN task_id DROP NOT NULL;
