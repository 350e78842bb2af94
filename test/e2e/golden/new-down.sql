-- Undoes 002_orders.up.sql.
--
-- Everything that it makes is dropped here, last to first; what it drops is made again as it was. IF EXISTS belongs where
-- the up file has IF NOT EXISTS, and CONCURRENTLY where it has CONCURRENTLY. Rows that would be lost are saved first.
-- `rehearse` runs both, and shows what this file leaves behind.

