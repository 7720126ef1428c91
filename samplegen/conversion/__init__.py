"""Takes -> converted takes: another voice, an instrument, or drums."""
