"""XML documents as bytes, the same for the same content; special characters are escaped."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement


def add(parent: Element, tag: str, text: object = None, /, **attributes: object) -> Element:
    """Add a last child; `low_fade=1` is written as `low-fade="1"`, a text of None as none."""
    child = SubElement(parent, tag, {name.replace("_", "-"): str(value) for name, value in attributes.items()})
    child.text = None if text is None else str(text)
    return child


def document(root: Element) -> bytes:
    """Encode a document as UTF-8 with a declaration, indented, one line an element."""
    ElementTree.indent(root, " ")
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"
