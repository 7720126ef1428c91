"""samplegen turns a folder of drum loops into new instruments.

The functions that the command line calls, under one name each; nothing heavy is imported before
the first use of one. `__init__.pyi` lists the names and where they are defined. Sounds are mono
float32 arrays `(n,)` in -1..1, rates in Hz.

    import samplegen
    model = samplegen.load("starter")
    sounds = samplegen.generate(model, 16, seed=1)
    samplegen.write_pack(sounds, "packs/first", origin=samplegen.origin(model, seed=1))
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
