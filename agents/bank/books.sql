-- What must never be so, a row per place where it is. Empty in a sound bank. Loaded last: it asks every part of the bank.
CREATE OR REPLACE VIEW bank.broken_rule AS
SELECT * FROM bank.broken_order
UNION ALL
SELECT * FROM bank.broken_loan;
