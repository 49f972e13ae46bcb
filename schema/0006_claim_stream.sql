-- Whether the holder of a claim has written about it: what a broken stream had sent and nobody took up goes back at once.
SET lock_timeout = '2s';

ALTER TABLE board.task_lease ADD COLUMN heard boolean NOT NULL DEFAULT false;
