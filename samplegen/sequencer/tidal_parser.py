"""Parser of one line of Tidal's mini-notation, as `samplegen.sequencer.tidal` describes it, into nodes of `cycles`."""

import re
from dataclasses import dataclass
from fractions import Fraction

from samplegen.errors import PatternError
from samplegen.sequencer import cycles
from samplegen.sequencer.cycles import Node
from samplegen.sequencer.euclid import euclid
from samplegen.sequencer.header import Line

_TOKEN = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9_-]*(?:\.\d+)?|[][<>{}(),~*/!@?%])", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
_CLOSING = {"[": "]", "<": ">", "{": "}"}
_MAX_BRACKETS = 40  # open at a time: far below the limit of recursion
_MAX_NUMBER = 256  # after *, /, ! and @
_KNOWN = "known are names, ~ [ ] < > { }%n , *n /n !n @n ? (k,n,r)"


def parse_line(line: Line) -> Node:
    """Parse a line. Raises `PatternError` with the place of an error."""
    return _Reader(line, _tokens(line)).all()


@dataclass(frozen=True)
class _Token:
    text: str
    column: int


def _tokens(line: Line) -> list[_Token]:
    """Return the tokens of a line, and one for its end."""
    found, at, end = [], 0, len(line.text.rstrip())
    while at < end:
        match = _TOKEN.match(line.text, at)
        if not match:
            at += len(line.text[at:]) - len(line.text[at:].lstrip())
            raise line.fault(f"unknown token {line.text[at]!r}; {_KNOWN}", at)
        found.append(_Token(match[1], match.start(1)))
        at = match.end()
    return [*found, _Token("", end)]


@dataclass
class _Reader:
    """Recursive-descent parser of the tokens of one line."""

    line: Line
    tokens: list[_Token]
    at: int = 0
    depth: int = 0

    def all(self) -> Node:
        """Parse the whole line."""
        node = cycles.stack([cycles.sequence(parts) for parts in self._parallel()])
        if self._next.text:
            raise self._fault(
                f"{self._next.text!r} closes nothing" if self._next.text in "]>})" else _unknown(self._next)
            )
        return node

    @property
    def _next(self) -> _Token:
        return self.tokens[self.at]

    def _fault(self, message: str, token: _Token | None = None) -> PatternError:
        return self.line.fault(message, (token or self._next).column)

    def _take(self, *texts: str) -> bool:
        """Go on if the next token is one of these."""
        found = self._next.text in texts and bool(self._next.text)
        self.at += found
        return found

    def _parallel(self) -> list[list[tuple[Fraction, Node]]]:
        """Parse sequences with commas between them, each a list of weights and parts."""
        found = [self._sequence()]
        while self._take(","):
            found.append(self._sequence())
        return found

    def _sequence(self) -> list[tuple[Fraction, Node]]:
        parts: list[tuple[Fraction, Node]] = []
        while self._next.text in _CLOSING or self._next.text == "~" or _NAME.match(self._next.text):
            parts += self._part()
        if not parts:
            raise self._fault(
                "something to play is missing here" if self._next.text in ("", *"],>})") else _unknown(self._next)
            )
        return parts

    def _part(self) -> list[tuple[Fraction, Node]]:
        """Parse one part with its modifiers; `a!3` are three."""
        start, weight, times = self._next, Fraction(1), 1
        try:
            node = self._atom()
            while (token := self._next).text in ("*", "/", "?", "(", "!", "@") and token.text:
                self.at += 1
                if token.text == "!":
                    times = int(self._number(whole=True))
                elif token.text == "@":
                    weight = self._number()
                else:
                    node = self._changed(node, token.text)
            return [(weight, node)] * times
        except PatternError as error:
            raise error if error.line else self._fault(str(error), start) from None

    def _changed(self, node: Node, how: str) -> Node:
        if how == "?":
            return cycles.maybe(node)
        if how == "(":
            return self._euclid(node)
        factor = self._number()
        return cycles.fast(factor if how == "*" else 1 / factor, node)

    def _atom(self) -> Node:
        token = self._next
        self.at += 1
        if token.text == "~":
            return Node()
        if token.text not in _CLOSING:
            if not _NAME.fullmatch(token.text):
                raise self._fault(f"unknown token {token.text!r}; {_KNOWN}", token)
            return cycles.sound(token.text)
        self.depth += 1
        if self.depth > _MAX_BRACKETS:
            raise self._fault(f"brackets are more than {_MAX_BRACKETS} deep", token)
        inside = self._parallel()
        if not self._take(_CLOSING[token.text]):
            raise self._fault(
                f"the {token.text!r} of column {token.column + 1} is not closed with {_CLOSING[token.text]!r}"
            )
        self.depth -= 1
        return self._bracket(token.text, inside)

    def _bracket(self, kind: str, inside: list[list[tuple[Fraction, Node]]]) -> Node:
        """Return parts of one cycle, or some parts a cycle: one in <>, as many as the first sequence has in {}."""
        if kind == "[":
            return cycles.stack([cycles.sequence(parts) for parts in inside])
        pace = Fraction(1) if kind == "<" else sum((weight for weight, _ in inside[0]), Fraction(0))
        if kind == "{" and self._take("%"):
            pace = self._number()
        return cycles.stack(
            [cycles.fast(pace / sum(weight for weight, _ in parts), cycles.sequence(parts)) for parts in inside]
        )

    def _euclid(self, node: Node) -> Node:
        numbers = [int(self._number(whole=True, least=0))]
        while self._take(","):
            numbers.append(int(self._number(whole=True, least=0)))
        if not self._take(")") or not 2 <= len(numbers) <= 3:
            raise self._fault("a Euclidean rhythm is written (onsets,steps) or (onsets,steps,rotation)")
        return cycles.sequence([(Fraction(1), node if hit else Node()) for hit in euclid(*numbers)])

    def _number(self, *, whole: bool = False, least: float = 1e-3) -> Fraction:
        token = self._next
        form = r"\d{1,6}" if whole else r"\d{1,6}(\.\d{1,6})?"
        value = Fraction(token.text) if re.fullmatch(form, token.text, re.ASCII) else Fraction(-1)
        if not max(least, whole and not least == 0) <= value <= _MAX_NUMBER:
            raise self._fault(f"a {'whole ' * whole}number up to {_MAX_NUMBER} belongs here")
        self.at += 1
        return value


def _unknown(token: _Token) -> str:
    return f"unknown token {token.text!r} here; {_KNOWN}"
