"""Where the shapes of a chart lie: numbers in, coordinates out; a template draws them.

Bars keep their true proportion even where a label needs more room than its bar, so that the eye
may add up what stands beside each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_BAR = 12
_LABEL = 131  # from the left of a bar to the end of the longest label beside it


@dataclass(frozen=True, slots=True)
class Flow:
    """A branch of the funnel: a share of the documents and the parts it splits into."""

    kind: str
    name: str
    count: int
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A bar of the funnel with its label to the right."""

    kind: str
    name: str
    count: int
    x: float
    y: float
    height: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A band between two bars, as the path of a filled shape."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """All shapes of the funnel and the box they fill."""

    width: float
    height: float
    bar: float
    nodes: list[Node]
    ribbons: list[Ribbon]


@dataclass(frozen=True, slots=True)
class Column:
    """A stacked bar of a histogram; `label` may be empty."""

    title: str
    label: str
    x: float
    width: float
    blocks: list[tuple[str, float, float]]


@dataclass(frozen=True, slots=True)
class Histogram:
    """All shapes of a histogram and the box they fill. `rule_x` is where a threshold stands."""

    width: float
    height: float
    base: float
    left: float
    columns: list[Column]
    ticks: list[tuple[float, int]]
    rule_x: float | None


def funnel(flows: Sequence[Flow], *, width: float, slot: float = 46) -> Funnel:
    """Documents on the left, their fates in the middle, what these consist of on the right.

    `slot` is the least height a labelled bar gets to itself.
    """
    shown = [flow for flow in flows if flow.count]
    total = sum(flow.count for flow in shown)
    n_parts = max(1, sum(len(_parts(flow)) for flow in shown))
    scale = max(150.0, slot * n_parts * 0.55) / max(1, total)
    right = width - _LABEL
    middle = right * 0.45
    nodes: list[Node] = []
    ribbons: list[Ribbon] = []
    y = left_y = 4.0
    for flow in shown:
        parts = _parts(flow)
        heights = [max(slot, count * scale) for _, count in parts]
        room = max(sum(heights), slot)
        drawn = flow.count * scale
        at = y + (room - max(drawn, slot)) / 2
        nodes.append(Node(flow.kind, flow.name, flow.count, middle, at, drawn, at + 14))
        ribbons.append(_ribbon(flow.kind, (_BAR, left_y), (middle, at), drawn))
        part_y, from_y = y, at
        for (name, count), height in zip(parts, heights, strict=True):
            thick = count * scale
            nodes.append(Node(flow.kind, name, count, right, part_y, thick, part_y + 14))
            ribbons.append(_ribbon(flow.kind, (middle + _BAR, from_y), (right, part_y), thick))
            part_y += height
            from_y += thick
        y += room + 12
        left_y += drawn
    nodes.insert(0, Node("in", "documents", total, 0, 4, total * scale, 18))
    return Funnel(width, max(y, total * scale + 8), _BAR, nodes, ribbons)


def histogram(
    series: Mapping[str, Mapping[int, int]],
    names: Mapping[int, tuple[str, str]],
    *,
    rule: float | None = None,
) -> Histogram:
    """Stacked columns, one per bin, in the order of `names`: its full name and its label.

    Every bin takes the same width. `rule` places a vertical line, in columns from the left.
    """
    width, height, left, base = 480.0, 210.0, 44.0, 176.0
    sums = [sum(bins.get(at, 0) for bins in series.values()) for at in names]
    top = _round_up(max([1, *sums]))
    step = (width - left - 4) / max(1, len(names))
    columns = []
    for nth, (at, (name, label)) in enumerate(names.items()):
        y = base
        blocks = []
        for kind, bins in series.items():
            tall = bins.get(at, 0) / top * (base - 14)
            y -= tall
            if tall:
                blocks.append((kind, y, tall))
        columns.append(
            Column(f"{name}: {sums[nth]:,}", label, left + nth * step, step * 0.86, blocks)
        )
    ticks = [(base - share * (base - 14), round(top * share)) for share in (0, 0.5, 1)]
    rule_x = None if rule is None else left + rule * step
    return Histogram(width, height, base, left, columns, ticks, rule_x)


def _parts(flow: Flow) -> list[tuple[str, int]]:
    return [part for part in flow.parts if part[1]] or [(flow.name, flow.count)]


def _ribbon(
    kind: str, start: tuple[float, float], end: tuple[float, float], thick: float
) -> Ribbon:
    (x, y), (to_x, to_y) = start, end
    bend = (x + to_x) / 2
    path = (
        f"M{x:.1f} {y:.1f}C{bend:.1f} {y:.1f} {bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        f"V{to_y + thick:.1f}C{bend:.1f} {to_y + thick:.1f} {bend:.1f} {y + thick:.1f} "
        f"{x:.1f} {y + thick:.1f}Z"
    )
    return Ribbon(kind, path)


def _round_up(value: int) -> int:
    """The next number of the row 2, 4, 6, 10, 20, 40, 60, 100 …: its half is whole.

    >>> [_round_up(value) for value in (1, 5, 11, 99, 601)]
    [2, 6, 20, 100, 1000]
    """
    power = 1
    while True:
        for digit in (2, 4, 6, 10):
            if value <= digit * power:
                return digit * power
        power *= 10
