"""Patterns that a page comes with when it is given none."""

from samplegen.page.contents import Lanes, PagePattern

HOUSE: Lanes = {
    "kick": "x... x... x... x...",
    "clap": ".... X... .... X...",
    "closed-hat": "..x. ..x. ..x. ..xo",
    "open-hat": "..x. .... ..x. ....",
    "perc": "...o ..x. .o.. x...",
}
BOOM_BAP: Lanes = {
    "kick": "x..x ..x. ..x. ....",
    "snare": ".... X..o .o.. X...",
    "closed-hat": "x.x. x.x. x.x. x.x.",
    "open-hat": ".... .... .... ..x.",
    "rim": ".... ...o .... .o..",
}
ELECTRO: Lanes = {
    "kick": "x... ..x. ..x. ....",
    "snare": ".... X... .... X...",
    "closed-hat": "xoxo xoxo xoxo xoxo",
    "cowbell": "..x. .x.. x..x ....",
    "low-tom": ".... .... .... x.x.",
}
PATTERNS = (
    PagePattern("house", 122, 54, HOUSE),
    PagePattern("boom bap", 88, 62, BOOM_BAP),
    PagePattern("electro", 128, 50, ELECTRO),
)
