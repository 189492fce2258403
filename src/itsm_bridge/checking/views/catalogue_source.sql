-- Sources that have a catalogue from which requests can be made.
-- * can be told without catalogue_item
SELECT DISTINCT k.source_id FROM catalogue_item AS k
