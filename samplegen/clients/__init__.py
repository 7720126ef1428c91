"""Other people's programs that read what is in a pack: which (`table`), how they run (`running`), what they think."""
