"""Is a pack fit to be given away: what is measured (`measures`), the table of bounds (`table`), repairs (`mending`)."""
