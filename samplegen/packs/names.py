"""Names of packs and sounds: lower-case ASCII words, drawn from a seed, safe on every file system."""

import random

# None of these words may read as a drum role (roles.from_name), or a file's name would lie about its sound.
_ADJECTIVE_TEXT = """
amber ancient arctic ashen autumn azure balmy blurred bold brassy brave bright brittle bronze buzzing calm candid
chalky chilly chrome clear cloudy coarse cobalt copper coral cosmic cozy crimson crisp crooked curious dappled dark
deep dewy dim distant dreamy dry dusky dusty eager early earthen echoing elder electric faded faint feathered fierce
floating fluid foggy folded fragile fresh frosted fuzzy gentle gilded glassy gleaming glossy golden grainy granite
gravel green grey hazy hidden hollow humble humid hushed icy indigo inky iron ivory jade jagged jolly keen kind
lacquered late lazy leaden leafy light lilac linen liquid little lofty lone long lucid lunar magnetic maple marbled
mellow metal midnight mild milky minted misty modest molten mossy muted nimble northern oaken olive opal pale paper
patient pearly plain polar polished proud purple quick quiet rainy rapid restless rippled roaming rosy rough round
rugged russet rustic rusty saffron salty sandy satin scarlet shady sharp sheer shiny silent silken silver simple
sleepy slow smoky smooth soft solar solemn southern sparse speckled spiral stark starry steady steep still stony
stormy subtle sunny swift tender thin tidal tinted tiny twilight upper urban vast velvet violet vivid wandering warm
waxen weathered western whispering wide wild windy winter wiry wooden woolen woven
"""
_NOUN_TEXT = """
acorn alcove alley almond anchor anvil apron arcade arch arrow atlas attic aurora avenue badge balcony banner barrel
basin basket bay beacon beam beetle bellows birch blanket blossom bobbin bottle boulder bramble branch breeze brick
bridge bronze brook bucket buckle button cabin cable cactus candle canoe canopy canvas canyon carpet cascade cassette
castle cavern cedar cellar chalk cherry chestnut chimney cinder circuit citadel clay cliff cloud clover coast cobble
comet compass copper coral corner cottage cotton courtyard cove crater crayon creek cricket crystal current curtain
cypress dahlia dawn delta depot desert dial dome dune dusk dynamo eagle echo eclipse elm ember engine fable falcon
feather fern ferry fiddle field filament finch fjord flame flint flute forest forge fossil fountain fox frost furnace
gable galaxy garden garnet gate geyser ginger glacier glade glove granite grotto grove gully gust hammock harbor
harvest hazel heath hedge heron hinge hollow honey horizon hut island ivy jasmine jetty juniper kernel kettle kiln
kite ladder lagoon lamp lantern lattice laurel leaf ledge lichen lighthouse lily lizard locket loft loom lotus magnet
magnolia mantle marble market marsh meadow meteor mill mineral mirror mist monsoon moon morning mosaic moss moth motor
mountain mural nebula needle nest nettle nickel oak oasis ocean opal orchard orchid otter owl oxide paddle palace palm
panther parade parlor passage pebble pendulum pepper petal phantom piano pier pigeon pillar pine piston plateau plaza
plume pocket pollen pond poplar poppy porch prairie prism pulley quarry quartz quill quilt radar radio raft railway
rain raven reed reef relay ribbon ridge ripple river robin rocket roof rope saddle sail salt sapling satellite scarf
shadow shell shelter shore signal silo sky slate sleet smoke snow socket spark sparrow spindle spiral spruce square
stable staircase star station steam stone storm strand stream studio summit sundial swallow swan tangle tape teapot
terrace thicket thimble thistle thread thunder tide timber tower trail tram transistor tulip tundra tunnel turbine
turret twig valley valve vapor vault velvet vessel village vine violin walnut wave weaver whale wharf wheel whisper
whistle willow window wing winter wire wisp wren yarn zenith zephyr
"""
_ADJECTIVES = _ADJECTIVE_TEXT.split()
_NOUNS = _NOUN_TEXT.split()


def pack_name(seed: int) -> str:
    """Draw a readable name of two words, such as `"dusty-lantern"`; the same seed gives the same name."""
    rng = random.Random(f"pack {seed}")
    return f"{rng.choice(_ADJECTIVES)}-{rng.choice(_NOUNS)}"


def sound_words(seed: int, count: int) -> list[str]:
    """Draw `count` different words: nouns first, then `adjective-noun`, then those numbered from 2."""
    rng = random.Random(f"sounds {seed}")
    nouns = rng.sample(_NOUNS, len(_NOUNS))
    pairs = [f"{adjective}-{noun}" for adjective in _ADJECTIVES for noun in _NOUNS] if count > len(nouns) else []
    rng.shuffle(pairs)
    words = nouns + pairs
    return [words[i % len(words)] + (f"-{i // len(words) + 1}" if i >= len(words) else "") for i in range(count)]
