"""A drum loop -> tempo and pattern, a take -> hits of a pack: onsets, classification, matching, remix, trigger."""
